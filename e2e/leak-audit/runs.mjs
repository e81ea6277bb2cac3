// The runs of the audit: how each ends, what the model service does to get the key out, and which key it is.

/** As a runner with debug logging sets it, and what the SDK looks at by itself. */
const DEBUG = { ACTIONS_STEP_DEBUG: 'true', RUNNER_DEBUG: '1', OPENAI_LOG: 'debug' };
/** Moments of a run: a line of its log, and ms after it. */
const CHECKS_BEGAN = { line: /passed chat \(/, afterMs: 0 };
const HELM_INSTALLS = { line: /\brelease: started/, afterMs: 600 };

const green = { service: 'tempting', ends: [0], lacks: ['diagnostics'] };
const red = {
  service: 'tempting',
  then: { at: CHECKS_BEGAN, service: 'failing' },
  ends: [1, 'E_SERVICE_DOWN'],
  podLogs: true,
};
const cancelled = { service: 'tempting', ends: [1, 'E_CANCELLED'] };
const refused = { service: 'refusing', ends: [1, 'E_AUTH'], lacks: ['cluster'] };
const redirected = { service: 'redirecting', ends: [1, 'E_ENDPOINT'], lacks: ['cluster'] };

/**
 * `service` is the origin's manner from the start (servers.mjs), `then` another one from a moment on; `cancelAt` is when the
 * runner cancels. `ends` is what must come of it: the exit code and the output error-code. `lacks` names the channels that
 * such a run does not have; where there are `podLogs`, they must be among the diagnostics.
 */
export const RUNS = [
  { name: 'green', key: 'special', ...green },
  { name: 'green, debug', key: 'UUID', ...green, env: DEBUG },
  { name: 'red', key: 'JWT', ...red },
  { name: 'red, debug', key: 'special', ...red, env: DEBUG },
  {
    name: 'red, planted',
    key: 'grouped',
    service: 'tempting',
    then: { at: CHECKS_BEGAN, service: 'planted' },
    ends: [1, 'E_WRONG_ANSWER'],
    podLogs: true,
  },
  { name: 'cancelled', key: '31', ...cancelled, cancelAt: CHECKS_BEGAN },
  { name: 'cancelled, debug', key: '33', ...cancelled, cancelAt: HELM_INSTALLS, env: DEBUG },
  { name: 'refused', key: 'special', ...refused },
  { name: 'refused, UUID', key: 'UUID', ...refused },
  { name: 'refused, JWT', key: 'JWT', ...refused, env: DEBUG },
  { name: 'refused, grouped', key: 'grouped', ...refused, env: DEBUG },
  { name: 'redirected', key: '64', ...redirected },
  { name: 'redirected, by proxy', key: '32', ...redirected, proxied: true, env: DEBUG },
].map((run) => ({ lacks: [], env: {}, ...run }));

/** What is done in each, for a reader of the page. */
export const STORIES = {
  green:
    'right answers, with the key in headers of rate limits, in the ids of two more models, and in all forms behind the word that the first check asks for',
  red: 'the same until the checks are under way; then every answer is HTTP 500 with the key in all forms, so that the log of the stack holds it',
  'red, planted':
    'from the second check on every answer of the model is the key in all forms, streamed ones cut anywhere',
  cancelled:
    'SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL: once while the checks go on, once (debug) while Helm installs',
  refused:
    'HTTP 401 at the probe, which says again what it was sent, and the key in all forms, also in the reason phrase; with each kind of key',
  redirected: 'HTTP 307 to a server on another port, which takes everything; once through a proxy (HTTP_PROXY)',
};
