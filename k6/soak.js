// Silver's users for a long time, with the write-ups' mix: does memory grow, do clicks fall behind?
import { browse, handleSummary, lasting, quick, think, tier, users, zipf } from './lib/shortwave.js';

export const options = tier(users(200, quick ? '5s' : '30s', lasting('30m', '30s')), {
  'http_req_duration{name:redirect}': ['p(95)<25'],
});

const next = zipf(1);

export default function () {
  browse(next);
  think();
}

export { handleSummary };
