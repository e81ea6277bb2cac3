import type { ErrorCode } from '../error-codes.js';
import { RunError } from '../errors.js';
import { isMisconfigured, isQuotaSpent, isRateLimit, type ApiFailure } from './failure.js';

interface Meaning {
  code: ErrorCode;
  when: (failure: ApiFailure) => boolean;
  /** What the service does, after "the model service at … ". */
  what: (status: number, headers: Record<string, string>) => string;
  fix: string;
}

const hasStatus =
  (...statuses: number[]) =>
  ({ status }: ApiFailure) =>
    status !== undefined && statuses.includes(status);
const within =
  (from: number, below: number) =>
  ({ status = 0 }: ApiFailure) =>
    status >= from && status < below;

const FIX_PATH = 'Check the path in maas-endpoint: it must be the base of the API, usually ending in /v1.';

/** The first that fits. The statuses are those of the gateways in the field: 3scale and Red Hat MaaS answer 403 for a bad key. */
const MEANINGS: Meaning[] = [
  {
    code: 'E_NO_QUOTA',
    when: (failure) => isRateLimit(failure) && isQuotaSpent(failure),
    what: (status) => `has no quota for the key (HTTP ${status})`,
    fix: 'Subscribe the key to the service, or pay for more: waiting does not help.',
  },
  {
    code: 'E_RATE_LIMITED',
    when: isRateLimit,
    what: (status, headers) => {
      const limits = Object.entries(headers).flatMap(([name, value]) =>
        /limit-(requests|tokens)|^(x-)?ratelimit-limit/i.test(name) ? `${name}: ${value}` : [],
      );
      return [
        'limits the rate',
        ` (${status ? `HTTP ${status}` : 'in a stream'}`,
        ...limits.map((limit) => `, ${limit}`),
        ')',
      ].join('');
    },
    fix: 'Set requests-per-minute to its limit, or ask for a higher one; with some gateways it means that the key has no subscription.',
  },
  {
    code: 'E_SERVICE_TIMEOUT',
    when: ({ kind }) => kind === 'timeout',
    what: () => 'did not answer in time',
    fix: 'Check that the service is up and that this runner may reach it (firewall, VPN, proxy).',
  },
  {
    code: 'E_STREAM_CUT',
    when: ({ kind, detail }) => kind === 'stream' || (kind === 'connection' && detail.includes('broke off')),
    what: () => 'breaks off its answers',
    fix: 'Look at the service, and at proxies before it that end long answers.',
  },
  {
    code: 'E_ENDPOINT',
    when: isMisconfigured,
    what: () => 'can not be reached as it is written',
    fix: 'Check the host name and the scheme in maas-endpoint; for a certificate of a private CA set NODE_EXTRA_CA_CERTS to its file.',
  },
  {
    code: 'E_SERVICE_UNREACHABLE',
    when: ({ kind }) => kind === 'connection',
    what: () => 'can not be reached',
    fix: 'Check maas-endpoint: host name, port and scheme; and that this runner may reach it.',
  },
  {
    code: 'E_SERVICE_FORM',
    when: ({ kind }) => kind === 'shape',
    what: () => 'does not answer like an OpenAI API',
    fix: FIX_PATH,
  },
  {
    code: 'E_AUTH',
    when: hasStatus(401, 403),
    what: (status) => `refuses the key (HTTP ${status})`,
    fix: 'Renew the secret that is passed as api-key; check that the key is not expired and may use this model.',
  },
  {
    code: 'E_MODEL_NOT_SERVED',
    when: ({ status, detail }) => status === 404 && /model/i.test(detail),
    what: () => 'does not serve the model',
    fix: 'Set the input model to one that the service lists, or ask for access to this one.',
  },
  { code: 'E_SERVICE_FORM', when: hasStatus(404), what: () => 'has nothing at that path (HTTP 404)', fix: FIX_PATH },
  {
    code: 'E_ENDPOINT',
    when: within(300, 400),
    what: (status) => `redirects (HTTP ${status}), and the key is not sent along`,
    fix: 'Set maas-endpoint to the address that it redirects to.',
  },
  {
    code: 'E_SERVICE_DOWN',
    when: within(500, 600),
    what: (status) => `is failing (HTTP ${status})`,
    fix: 'Look at the service; run again when it is up.',
  },
  {
    code: 'E_REQUEST_REFUSED',
    when: () => true,
    what: (status) => `refuses a plain request (HTTP ${status})`,
    fix: 'Check that the model is one for chat.',
  },
];

const UNAVAILABLE: ErrorCode[] = [
  'E_RATE_LIMITED',
  'E_SERVICE_UNREACHABLE',
  'E_SERVICE_TIMEOUT',
  'E_SERVICE_DOWN',
  'E_STREAM_CUT',
];

/** Whether the model service is away or overloaded, and nothing about the key, the endpoint or the model is wrong. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof RunError && error.hop === 'model service' && UNAVAILABLE.includes(error.code);
}

/** What a failed call to the model service means for the user. */
export function serviceError(failure: ApiFailure, baseUrl: string): RunError {
  const meaning = MEANINGS.find(({ when }) => when(failure));
  const what = meaning?.what(failure.status ?? 0, failure.headers) ?? 'fails';
  const said = failure.detail ? `: ${failure.detail}` : '';
  return new RunError(
    meaning?.code ?? 'E_SERVICE_DOWN',
    'model service',
    `the model service at ${baseUrl} ${what}${said}`,
    meaning?.fix ?? '',
    {
      cause: failure,
    },
  );
}
