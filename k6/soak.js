// Silver's users for a long time, with the write-ups' mix: it shows growing memory and a growing lag of clicks.
import { browser, handleSummary, lasting, quick, tier, users } from './lib/shortwave.js';

export const options = tier(users(200, quick ? '5s' : '30s', lasting('30m', '30s')), {
  'http_req_duration{name:redirect}': ['p(95)<25'],
});

export default browser();

export { handleSummary };
