// Gold's load while scripts/run-tier.sh kills, restarts and pauses the processes behind the proxy. No redirect may fail.
// Creates may get 503 while the database is down, and one in flight at a killed JVM is cut off: the proxy must not retry
// it.
import { browser, handleSummary, lasting, quick, tier, users } from './lib/shortwave.js';

export const options = tier(users(quick ? 100 : 500, quick ? '5s' : '30s', lasting('4m', '100s')), {});
delete options.thresholds.broken_off;

export default browser();

export { handleSummary };
