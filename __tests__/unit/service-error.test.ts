import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/error-codes.js';
import { RunError } from '../../src/errors.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { isUnavailable, serviceError } from '../../src/maas/service-error.js';
import { httpFailure, noAnswer } from '../helpers/failures.js';

const BASE = 'https://maas.example.com/v1';
const PATH = /base of the API/;
const WRONG_ADDRESS = [
  ...['ENOTFOUND', 'EPROTO', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_SSL_WRONG_VERSION_NUMBER', 'CERT_HAS_EXPIRED'],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
];
/** What is shown, what fails, its code, and words of message and fix. */
type Row = [string, ApiFailure, ErrorCode, RegExp, RegExp];

describe('what a failed call to the model service means', () => {
  it.each<Row>([
    ['no answer in time', noAnswer('timeout'), 'E_SERVICE_TIMEOUT', /did not answer in time$/, /firewall/],
    ...['ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', 'ETIMEDOUT'].map((detail): Row => [
      `no connection: ${detail}`,
      noAnswer('connection', detail),
      'E_SERVICE_UNREACHABLE',
      new RegExp(`can not be reached: ${detail}$`),
      /host name.*this runner may reach it/,
    ]),
    ...WRONG_ADDRESS.map((detail): Row => [
      `an address that is wrong: ${detail}`,
      noAnswer('connection', detail),
      'E_ENDPOINT',
      new RegExp(`can not be reached as it is written: ${detail}$`),
      /host name and the scheme.*NODE_EXTRA_CA_CERTS/,
    ]),
    [
      'another form',
      new ApiFailure('shape', 'GET /models', 'expected …'),
      'E_SERVICE_FORM',
      /does not answer like an OpenAI API/,
      PATH,
    ],
    [
      'a cut stream',
      new ApiFailure('stream', 'POST /chat/completions (stream)', 'it was cut'),
      'E_STREAM_CUT',
      /breaks off its answers: it was cut$/,
      /proxies/,
    ],
    [
      'an answer that broke off',
      noAnswer('connection', 'the answer broke off, other side closed'),
      'E_STREAM_CUT',
      /breaks off its answers: the answer broke off/,
      /proxies/,
    ],
    ['HTTP 401', httpFailure(401, 'bad key'), 'E_AUTH', /refuses the key \(HTTP 401\): bad key$/, /secret/],
    ['HTTP 403', httpFailure(403), 'E_AUTH', /refuses the key \(HTTP 403\)$/, /expired/],
    [
      'HTTP 429',
      httpFailure(429),
      'E_RATE_LIMITED',
      /limits the rate \(HTTP 429\)$/,
      /requests-per-minute.*higher one.*subscription/,
    ],
    [
      'HTTP 429 with the limits that it names',
      new ApiFailure('status', 'POST /x', '', {
        status: 429,
        headers: { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-limit-tokens': '900', 'retry-after': '30' },
      }),
      'E_RATE_LIMITED',
      /limits the rate \(HTTP 429, x-ratelimit-limit-requests: 60, x-ratelimit-limit-tokens: 900\)$/,
      /requests-per-minute/,
    ],
    [
      'HTTP 429 with a limit of another name',
      new ApiFailure('status', 'POST /x', '', {
        status: 429,
        headers: { 'ratelimit-limit': '5', 'x-ratelimit-remaining-requests': '0' },
      }),
      'E_RATE_LIMITED',
      /limits the rate \(HTTP 429, ratelimit-limit: 5\)$/,
      /requests-per-minute/,
    ],
    [
      'HTTP 403 of a limit (3scale): that is not the key',
      httpFailure(403, 'Limits exceeded'),
      'E_RATE_LIMITED',
      /limits the rate \(HTTP 403\): Limits exceeded$/,
      /requests-per-minute/,
    ],
    ...['insufficient_quota', 'Check your plan and billing details', 'no subscription for this key'].map(
      (detail): Row => [
        `HTTP 429 that no waiting heals: ${detail}`,
        httpFailure(429, detail),
        'E_NO_QUOTA',
        new RegExp(`has no quota for the key \\(HTTP 429\\): ${detail}$`),
        /Subscribe the key.*pay for more.*waiting does not help/,
      ],
    ),
    [
      'HTTP 403 of billing, and of no limit',
      httpFailure(403, 'billing is off'),
      'E_AUTH',
      /refuses the key \(HTTP 403\): billing is off$/,
      /secret/,
    ],
    ...[400, 413, 422].map((status): Row => [
      `HTTP ${status} of a request that is too large`,
      httpFailure(status, 'Token limit exceeded'),
      'E_REQUEST_REFUSED',
      new RegExp(`refuses a plain request \\(HTTP ${status}\\): Token limit exceeded$`),
      /one for chat/,
    ]),
    ...[400, 413, 422].map((status): Row => [
      `HTTP ${status} of a rate`,
      httpFailure(status, 'Rate limit exceeded'),
      'E_RATE_LIMITED',
      new RegExp(`limits the rate \\(HTTP ${status}\\): Rate limit exceeded$`),
      /requests-per-minute/,
    ]),
    [
      'a request that was throttled',
      httpFailure(503, 'Throttled'),
      'E_RATE_LIMITED',
      /limits the rate \(HTTP 503\): Throttled$/,
      /requests-per-minute/,
    ],
    [
      'a limit inside of a stream',
      new ApiFailure('stream', 'POST /chat/completions (stream)', 'Rate limit reached'),
      'E_RATE_LIMITED',
      /limits the rate \(in a stream\): Rate limit reached$/,
      /requests-per-minute/,
    ],
    [
      'HTTP 404 of a model',
      httpFailure(404, 'The model x does not exist'),
      'E_MODEL_NOT_SERVED',
      /does not serve the model: The model x/,
      /input model/,
    ],
    ['HTTP 404', httpFailure(404), 'E_SERVICE_FORM', /nothing at that path/, PATH],
    ['HTTP 301', httpFailure(301), 'E_ENDPOINT', /redirects \(HTTP 301\)/, /address that it redirects to/],
    ['HTTP 308', httpFailure(308), 'E_ENDPOINT', /redirects \(HTTP 308\)/, /address that it redirects to/],
    ['HTTP 500', httpFailure(500), 'E_SERVICE_DOWN', /is failing \(HTTP 500\)/, /when it is up/],
    ['HTTP 503', httpFailure(503, 'no node'), 'E_SERVICE_DOWN', /is failing \(HTTP 503\): no node$/, /when it is up/],
    [
      'HTTP 400',
      httpFailure(400, 'no chat'),
      'E_REQUEST_REFUSED',
      /refuses a plain request \(HTTP 400\): no chat$/,
      /one for chat/,
    ],
    ['HTTP 422', httpFailure(422), 'E_REQUEST_REFUSED', /refuses a plain request \(HTTP 422\)/, /one for chat/],
  ])('%s', (_, failure, code, message, fix) => {
    const error = serviceError(failure, BASE);
    expect([error.code, error.hop]).toEqual([code, 'model service']);
    expect(error.message).toMatch(/^the model service at https:\/\/maas\.example\.com\/v1 /);
    expect(error.message).toMatch(message);
    expect(error.fix).toMatch(fix);
    expect(error.cause).toBe(failure);
  });
});

describe('the model service is unavailable', () => {
  it.each<[string, ApiFailure]>([
    ['a limit', httpFailure(429)],
    ['no connection', noAnswer('connection', 'ECONNREFUSED')],
    ['no name server', noAnswer('connection', 'EAI_AGAIN')],
    ['no answer in time', noAnswer('timeout')],
    ['HTTP 503', httpFailure(503)],
    ['a cut stream', new ApiFailure('stream', 'POST /chat/completions (stream)', 'it was cut')],
  ])('where it shows %s', (_, failure) => {
    expect(isUnavailable(serviceError(failure, BASE))).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a refused key', serviceError(httpFailure(401), BASE)],
    ['a key without a quota', serviceError(httpFailure(429, 'insufficient_quota'), BASE)],
    ['a host that is not there', serviceError(noAnswer('connection', 'ENOTFOUND'), BASE)],
    ['a certificate', serviceError(noAnswer('connection', 'SELF_SIGNED_CERT_IN_CHAIN'), BASE)],
    ['a wrong path', serviceError(httpFailure(404), BASE)],
    ['a redirect', serviceError(httpFailure(301), BASE)],
    ['a refused request', serviceError(httpFailure(400), BASE)],
    ['another form', serviceError(new ApiFailure('shape', 'GET /models', ''), BASE)],
    ['an error of another hop', new RunError('E_STREAM_CUT', 'stack', 'm', 'f')],
    ['what is no error of a run', httpFailure(503)],
  ])('but not by %s', (_, error) => {
    expect(isUnavailable(error)).toBe(false);
  });
});
