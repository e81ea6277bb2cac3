// 500 direct chat questions against the lab's model service, limited to 120 in each fixed window of 60 s: once with the limit
// named by requests-per-minute, once with a limit that only shows as 429. No question may fail, and the whole may take 1.1
// times what the limit allows.
// Usage: npm run load   (needs `lab env`; about 9 minutes)
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { loadService } from '../dist/index.js';
import { root } from './runner.mjs';

const LIMIT = 120;
const WINDOW_S = 60;
const QUESTIONS = 500;
const PARALLEL = 8;
const MOST = 1.1;

const { MAAS_ENDPOINT, MAAS_API_KEY, MODEL_SERVICE_ADMIN } = process.env;
const lab = (...args) =>
  execFileSync(join(dirname(root), 'shared', 'lab', 'lab'), ['model-service', ...args], { stdio: 'ignore' });
const limited = ['-e', `API_KEY=${MAAS_API_KEY}`, '-e', `RATE_LIMIT=${LIMIT}`, '-e', `RATE_WINDOW=${WINDOW_S}`];
/** Whole windows that must pass before the last question may be asked, in seconds: the first one begins with the first. */
const allowed = (Math.ceil(QUESTIONS / LIMIT) - 1) * WINDOW_S;

/** A look that ends: Node's fetch may never settle where the container behind a port is just being replaced. */
const answers = (url) =>
  Promise.race([
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ),
    new Promise((resolve) => setTimeout(resolve, 500, false)),
  ]);

async function measured(name, requestsPerMinute) {
  lab(...limited);
  const base = MAAS_ENDPOINT.replace(/\/+$/, '');
  const baseUrl = /\/v\d+$/.test(base) ? base : `${base}/v1`;
  const service = { baseUrl, apiKey: MAAS_API_KEY, model: 'llama-3-2-3b' };
  while (!(await answers(`${MODEL_SERVICE_ADMIN}/usage`)));
  const { errors, ms } = await loadService(service, { questions: QUESTIONS, parallel: PARALLEL, requestsPerMinute });
  const { total } = await (await fetch(`${MODEL_SERVICE_ADMIN}/usage`)).json();
  const ratio = ms / 1000 / allowed;
  console.log(
    `${name}: ${QUESTIONS} questions, ${errors.length} errors, ${(ms / 1000).toFixed(1)} s, the limit allows ${allowed} s: ${ratio.toFixed(3)}; answered with 429: ${total.sent_429}`,
  );
  errors.slice(0, 3).forEach((error) => console.log(`  ${error}`));
  return errors.length === 0 && ratio <= MOST;
}

try {
  const held = [
    await measured('limit named (requests-per-minute: 120)', LIMIT),
    await measured('limit only seen as 429', undefined),
  ];
  console.log(`${held.filter(Boolean).length} of ${held.length} within ${MOST} times what the limit allows`);
  process.exitCode = held.every(Boolean) ? 0 : 1;
} finally {
  lab('-e', `API_KEY=${MAAS_API_KEY}`);
}
