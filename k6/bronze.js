// The write-ups' first tier: 50 users, redirects of a few hot codes, 0.1 to 0.5 s between two of them.
import { handleSummary, hotSet, lasting, redirect, think, tier, users } from './lib/shortwave.js';

export const options = tier(users(50, '0s', lasting('2m', '10s')), { 'http_req_duration{name:redirect}': ['p(95)<5'] });

const next = hotSet(20);

export default function () {
  redirect(next());
  think();
}

export { handleSummary };
