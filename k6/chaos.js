// Gold's load while scripts/run-tier.sh kills, restarts and pauses what is behind the proxy. No redirect may fail;
// creates may be refused with 503, which is the truth while the database stands still, and one that a killed JVM had in
// hand is broken off: the proxy must not send it twice.
import { browser, handleSummary, lasting, quick, tier, users } from './lib/shortwave.js';

export const options = tier(users(quick ? 100 : 500, quick ? '5s' : '30s', lasting('4m', '100s')), {});
delete options.thresholds.broken_off;

export default browser();

export { handleSummary };
