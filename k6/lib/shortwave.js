// What every tier has in common: where the service is, which codes there are, what a user does, how answers count.
//
// From the environment: BASE_URL, and CODES, a file with one code that redirects on each line. scripts/run-tier.sh
// sets both; by hand:
//
//   k6 run -e BASE_URL=http://127.0.0.1:8080 -e CODES=/tmp/codes k6/bronze.js

import http from 'k6/http';
import { sleep } from 'k6';
import { SharedArray } from 'k6/data';
import { Counter } from 'k6/metrics';

const base = __ENV.BASE_URL || 'http://127.0.0.1:8080';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const codes = readCodes();

/** All codes. A large set is shared by all users, or their copies would fill the memory; k6 parses each code that it takes from it. */
function readCodes() {
  const text = open(__ENV.CODES).trim();
  return text.length < 65536 ? text.split('\n') : new SharedArray('codes', () => text.split('\n'));
}

// Each answer is one of these. Only found ones are clicks, so `found` is what must have been booked.
const found = new Counter('found');
const notFound = new Counter('not_found'); // a 404 for a code that does not exist
const created = new Counter('created');
const refused = new Counter('refused'); // 429 or 503 for a write: the client may come again
const brokenOff = new Counter('broken_off'); // a write with 502, 504 or no answer: done or not, who knows
const wrong = new Counter('wrong'); // anything else, a 404 for a code that exists among it

http.setResponseCallback(http.expectedStatuses(201, 302, 404));

// ---- Which code comes next. Each gives a function without arguments.

/** Every code is as likely as any other: the worst for a cache. */
export function uniform() {
  return () => codes[Math.floor(Math.random() * codes.length)];
}

/** A handful of codes only, as in the write-ups. */
export function hotSet(size) {
  const count = Math.min(size, codes.length);
  return () => codes[Math.floor(Math.random() * count)];
}

/** The code of rank r is asked for in proportion to ln(1 + 1 / r), which is nearly 1 / r, as links in the wild are. */
export function zipf() {
  return () => codes[Math.floor(Math.pow(codes.length + 1, Math.random())) - 1];
}

// ---- What a user does.

/** Follows a link as far as the redirect: where it leads is not ours to load. */
export function redirect(code) {
  const answer = http.get(`${base}/${code}`, { redirects: 0, tags: { name: 'redirect' } });
  if (answer.status === 302 && answer.headers['Location']) {
    found.add(1);
  } else {
    report('redirect', answer);
  }
}

/** Asks for a code that nobody has: eight characters, and the set has fewer. */
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

/** A user of the write-ups' mix: 95 % redirects of links that are asked for unevenly, 5 % creates, a pause after each. */
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

/** The first ones of each user are told, so that a broken run explains itself without a flood of lines. */
let reported = 0;
function report(what, answer) {
  wrong.add(1, { what, status: String(answer.status) });
  if (reported < 2) {
    reported++;
    console.warn(`${what}: ${answer.status} ${answer.error || ''} after ${Math.round(answer.timings.duration)} ms`);
  }
}

// ---- How a tier is run and judged.

/** Whether a short run is enough: it shows that all works, and its latencies are not judged. */
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
    // Users keep their connection, as browsers do.
    noConnectionReuse: false,
    summaryTrendStats: ['avg', 'min', 'med', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'],
    systemTags: ['name', 'scenario', 'status'],
  };
}

/** Users that come one by one for `up`, and stay for `stay`. */
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
 * The same users, after some time in which as many ask for the same and are not judged: JVMs that have just started compile
 * what they run. Their latencies are told all the same.
 */
export function warmedUp({ users }, rules) {
  if (quick) {
    return { scenarios: { users }, judged: {} };
  }
  const seconds = Number(__ENV.WARM_UP_SECONDS || 90);
  const most = Math.max(...users.stages.map((stage) => stage.target));
  // A user has five seconds to end what it is at: no redirect is cut off, none is answered and not counted.
  const warmUp = { executor: 'constant-vus', vus: most, duration: `${seconds}s`, gracefulStop: '5s' };
  return {
    scenarios: { warm_up: warmUp, users: Object.assign({ startTime: `${seconds + 5}s` }, users) },
    judged: {
      'http_req_duration{name:redirect,scenario:users}': rules,
      // Nothing is judged by this: k6 tells figures of a part of the answers only where there is a rule for it.
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
