// A scanner requests random unknown codes, as fast as responses allow up to a rate, while 50 users follow links
// and must not be affected.
import { handleSummary, hotSet, lasting, redirect, redirectUnknown, think, tier } from './lib/shortwave.js';

const duration = lasting('1m', '10s');

export const options = tier(
  {
    scanner: {
      executor: 'constant-arrival-rate',
      exec: 'scan',
      rate: Number(__ENV.FLOOD_RATE || 1000),
      timeUnit: '1s',
      duration,
      preAllocatedVUs: 200,
    },
    users: { executor: 'constant-vus', vus: 50, duration },
  },
  { 'http_req_duration{name:redirect}': ['p(95)<25'] },
);

const next = hotSet(20);

export default function () {
  redirect(next());
  think();
}

export function scan() {
  redirectUnknown();
}

export { handleSummary };
