// The write-ups' third tier: up to 500 users, 95 % redirects and 5 % creates, 0.1 to 0.5 s between two of them. Theirs
// requested a handful of codes; this one requests all links, with a distribution as in real traffic.
import { browser, handleSummary, lasting, quick, tier, users, warmedUp } from './lib/shortwave.js';

const { scenarios, judged } = warmedUp(users(500, quick ? '5s' : '30s', lasting('2m', '15s')), ['p(95)<25']);

export const options = tier(scenarios, judged);

export default browser();

export { handleSummary };
