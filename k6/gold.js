// The write-ups' third tier: up to 500 users, 95 % redirects and 5 % creates, 0.1 to 0.5 s between two of them. Theirs
// asked for a handful of codes; here all links are asked for, as unevenly as links in the wild.
import { browser, handleSummary, lasting, quick, tier, users } from './lib/shortwave.js';

export const options = tier(users(500, quick ? '5s' : '30s', lasting('2m', '15s')), {
  'http_req_duration{name:redirect}': ['p(95)<25'],
});

export default browser();

export { handleSummary };
