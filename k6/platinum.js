// Redirects arrive at a fixed rate (open model), higher in each step, until the objective is missed: the last step that
// met it is the knee.
import { handleSummary, quick, redirect, tier, zipf } from './lib/shortwave.js';

const objective = Number(__ENV.P99_MILLISECONDS || 50);
const first = Number(__ENV.FIRST_RATE || 500);
const growth = Number(__ENV.GROWTH || 1.25);
const steps = Number(__ENV.STEPS || (quick ? 3 : 20));
const seconds = Number(__ENV.STEP_SECONDS || (quick ? 4 : 10));

const scenarios = {};
const thresholds = {};
for (let step = 0; step < steps; step++) {
  const rate = Math.round((first * Math.pow(growth, step)) / 10) * 10;
  const name = `rate_${rate}`;
  scenarios[name] = {
    executor: 'constant-arrival-rate',
    rate,
    timeUnit: '1s',
    duration: `${seconds}s`,
    startTime: `${step * seconds}s`,
    // Enough for a mean response time equal to the objective; k6 drops and counts iterations without a free user. Each
    // user takes memory from the start, and a k6 that is short of memory would measure itself.
    preAllocatedVUs: Math.max(20, Math.ceil((rate * objective) / 1000)),
    gracefulStop: '5s',
  };
  // A step counts once it is half over, so that one slow moment at its beginning does not end the run.
  const rule = (threshold) => ({
    threshold,
    abortOnFail: !quick,
    delayAbortEval: `${step * seconds + Math.ceil(seconds / 2)}s`,
  });
  thresholds[`http_req_duration{scenario:${name}}`] = [rule(`p(99)<${objective}`)];
  thresholds[`dropped_iterations{scenario:${name}}`] = [rule(`count<${Math.ceil(rate * seconds * 0.02)}`)];
}

export const options = tier(scenarios, {});
Object.assign(options.thresholds, thresholds);

const next = zipf();

export default function () {
  redirect(next());
}

export { handleSummary };
