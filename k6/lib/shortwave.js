// Shared by all tiers: the service's URL, its codes, what a user does, how responses are counted.
//
// From the environment: BASE_URL, and CODES, a file with one code that redirects on each line. scripts/run-tier.sh
// sets both; manually:
//
//   k6 run -e BASE_URL=http://127.0.0.1:8080 -e CODES=/tmp/codes k6/bronze.js

import http from 'k6/http';
import { sleep } from 'k6';
import { SharedArray } from 'k6/data';
import { Counter } from 'k6/metrics';

const base = __ENV.BASE_URL || 'http://127.0.0.1:8080';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const codes = readCodes();

/** All codes. All users share a large set, because copies would fill the memory; k6 parses each code that is read. */
function readCodes() {
  const text = open(__ENV.CODES).trim();
  return text.length < 65536 ? text.split('\n') : new SharedArray('codes', () => text.split('\n'));
}

// Each response counts as one of these. Only found ones are clicks, so `found` is the number to be booked.
const found = new Counter('found');
const notFound = new Counter('not_found'); // a 404 for a code that does not exist
const created = new Counter('created');
const refused = new Counter('refused'); // 429 or 503 for a write: the client may come again
const brokenOff = new Counter('broken_off'); // a write with 502, 504 or no answer: done or not, who knows
const wrong = new Counter('wrong'); // anything else, a 404 for a code that exists among it

http.setResponseCallback(http.expectedStatuses(201, 302, 404));

// ---- Choice of the next code. Each returns a function without arguments.

/** Uniform distribution, the worst case for a cache. */
export function uniform() {
  return () => codes[Math.floor(Math.random() * codes.length)];
}

/** A handful of codes only, as in the write-ups. */
export function hotSet(size) {
  const count = Math.min(size, codes.length);
  return () => codes[Math.floor(Math.random() * count)];
}

/** The code of rank r has a share proportional to ln(1 + 1 / r), nearly 1 / r, as in real traffic. */
export function zipf() {
  return () => codes[Math.floor(Math.pow(codes.length + 1, Math.random())) - 1];
}

// ---- What a user does.

/** Requests a redirect without following it. */
export function redirect(code) {
  const answer = http.get(`${base}/${code}`, { redirects: 0, tags: { name: 'redirect' } });
  if (answer.status === 302 && answer.headers['Location']) {
    found.add(1);
  } else {
    report('redirect', answer);
  }
}

/** Requests an unknown code: it has eight characters, and those of the set have fewer. */
export function redirectUnknown() {
  let code = '';
  for (let at = 0; at < 8; at++) {
    code += ALPHABET[Math.floor(Math.random() * ALPHABET.length)];
  }
  const answer = http.get(`${base}/${code}`, { redirects: 0, tags: { name: 'unknown' } });
  if (answer.status === 404) {
    notFound.add(1);
  } else {
    report('unknown', answer);
  }
}

export function create() {
  const body = JSON.stringify({ url: `https://load.example/${__VU}/${__ITER}`, title: 'Load' });
  const answer = http.post(`${base}/shorten`, body, {
    headers: { 'Content-Type': 'application/json' },
    tags: { name: 'create' },
  });
  if (answer.status === 201) {
    created.add(1);
  } else if (answer.status === 429 || answer.status === 503) {
    refused.add(1);
  } else if (answer.status === 502 || answer.status === 504 || answer.status === 0) {
    brokenOff.add(1);
  } else {
    report('create', answer);
  }
}

/** A pause of 0.1 to 0.5 s, as in the write-ups. */
export function think() {
  sleep(0.1 + Math.random() * 0.4);
}

/** A user of the write-ups' mix: 95 % redirects with a skewed distribution, 5 % creates, a pause after each. */
export function browser() {
  const next = zipf();
  return () => {
    if (Math.random() < 0.95) {
      redirect(next());
    } else {
      create();
    }
    think();
  };
}

/** Logs the first failures of each user only, so that a broken run explains itself without thousands of lines. */
let reported = 0;
function report(what, answer) {
  wrong.add(1, { what, status: String(answer.status) });
  if (reported < 2) {
    reported++;
    console.warn(`${what}: ${answer.status} ${answer.error || ''} after ${Math.round(answer.timings.duration)} ms`);
  }
}

// ---- Options and thresholds of tiers.

/** Whether this is a short run, which checks functions and no latencies. */
export const quick = __ENV.QUICK === 'yes';

/** DURATION, else the tier's own, or its short form. */
export function lasting(usual, short) {
  return __ENV.DURATION || (quick ? short : usual);
}

/** Options of a tier; `judged` are further thresholds, which a short run leaves out. */
export function tier(scenarios, judged) {
  return {
    scenarios,
    thresholds: Object.assign(
      { wrong: ['count<1'], broken_off: ['count<1'], found: ['count>0'] },
      quick ? {} : judged,
    ),
    discardResponseBodies: true,
    // Keep-alive, as in browsers.
    noConnectionReuse: false,
    summaryTrendStats: ['avg', 'min', 'med', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'],
    systemTags: ['name', 'scenario', 'status'],
  };
}

/** Ramps users up during `up`, and keeps them for `stay`. */
export function users(count, up, stay) {
  return {
    users: {
      executor: 'ramping-vus',
      startVUs: up === '0s' ? count : 0,
      stages: [
        { duration: up, target: count },
        { duration: stay, target: count },
      ],
      gracefulRampDown: '15s',
      gracefulStop: '15s',
    },
  };
}

/**
 * The same users after a warm-up with the same load and without thresholds, because JVMs that have just started still
 * compile. The report includes the latencies of the warm-up.
 */
export function warmedUp({ users }, rules) {
  if (quick) {
    return { scenarios: { users }, judged: {} };
  }
  const seconds = Number(__ENV.WARM_UP_SECONDS || 90);
  const most = Math.max(...users.stages.map((stage) => stage.target));
  // Users have five seconds to finish, so that no redirect is cut off, and none is answered without being counted.
  const warmUp = { executor: 'constant-vus', vus: most, duration: `${seconds}s`, gracefulStop: '5s' };
  return {
    scenarios: { warm_up: warmUp, users: Object.assign({ startTime: `${seconds + 5}s` }, users) },
    judged: {
      'http_req_duration{name:redirect,scenario:users}': rules,
      // A threshold that always holds: k6 reports the figures of a tagged part only if it has a threshold.
      'http_req_duration{name:redirect,scenario:warm_up}': ['max>=0'],
    },
  };
}

/** The whole summary as JSON, and flat: metric, statistic and value, or the verdict of a threshold, on each line. */
export function handleSummary(data) {
  const lines = [`run\tseconds\t${data.state.testRunDurationMs / 1000}`];
  for (const [name, metric] of Object.entries(data.metrics)) {
    for (const [statistic, value] of Object.entries(metric.values)) {
      lines.push(`${name}\t${statistic}\t${value}`);
    }
    for (const [rule, verdict] of Object.entries(metric.thresholds || {})) {
      lines.push(`${name}\tthreshold ${rule}\t${verdict.ok ? 'met' : 'missed'}`);
    }
  }
  const folder = __ENV.RESULTS || '.';
  return {
    [`${folder}/summary.json`]: JSON.stringify(data, null, 2),
    [`${folder}/summary.tsv`]: lines.sort().join('\n') + '\n',
  };
}
