// The caches are empty and codes are uniformly distributed: nearly every redirect queries PostgreSQL.
import { handleSummary, lasting, redirect, think, tier, uniform, users } from './lib/shortwave.js';

export const options = tier(users(200, '0s', lasting('1m', '10s')), {
  'http_req_duration{name:redirect}': ['p(95)<50'],
});

const next = uniform();

export default function () {
  redirect(next());
  think();
}

export { handleSummary };
