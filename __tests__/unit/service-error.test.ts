import { describe, expect, it } from 'vitest';
import { ApiFailure } from '../../src/maas/failure.js';
import { serviceError } from '../../src/maas/service-error.js';
import { httpFailure, noAnswer } from '../helpers/failures.js';

const BASE = 'https://maas.example.com/v1';
const PATH = /base of the API/;

describe('what a failed call to the model service means', () => {
  it.each<[string, ApiFailure, RegExp, RegExp]>([
    ['no answer in time', noAnswer('timeout'), /did not answer in time$/, /firewall/],
    ['no connection', noAnswer('connection', 'ENOTFOUND'), /can not be reached: ENOTFOUND$/, /host name/],
    ['another form', new ApiFailure('shape', 'GET /models', 'expected …'), /does not answer like an OpenAI API/, PATH],
    [
      'a cut stream',
      new ApiFailure('stream', 'POST /chat/completions (stream)', 'it was cut'),
      /breaks off its answers: it was cut$/,
      /proxies/,
    ],
    [
      'an answer that broke off',
      noAnswer('connection', 'the answer broke off, other side closed'),
      /breaks off its answers: the answer broke off/,
      /proxies/,
    ],
    ['HTTP 401', httpFailure(401, 'bad key'), /refuses the key \(HTTP 401\): bad key$/, /secret/],
    ['HTTP 403', httpFailure(403), /refuses the key \(HTTP 403\)$/, /expired/],
    ['HTTP 429', httpFailure(429), /limits the rate/, /requests-per-minute.*higher one.*subscription/],
    [
      'HTTP 429 with a wait',
      new ApiFailure('status', 'POST /x', '', { status: 429, headers: { 'retry-after': '30' } }),
      /limits the rate \(HTTP 429, retry after 30\)$/,
      /requests-per-minute/,
    ],
    ['HTTP 404', httpFailure(404), /nothing at that path/, PATH],
    ['HTTP 301', httpFailure(301), /redirects \(HTTP 301\)/, /address that it redirects to/],
    ['HTTP 308', httpFailure(308), /redirects \(HTTP 308\)/, /address that it redirects to/],
    ['HTTP 500', httpFailure(500), /is failing \(HTTP 500\)/, /when it is up/],
    ['HTTP 503', httpFailure(503, 'no node'), /is failing \(HTTP 503\): no node$/, /when it is up/],
    ['HTTP 400', httpFailure(400, 'no chat'), /refuses a plain request \(HTTP 400\): no chat$/, /one for chat/],
    ['HTTP 422', httpFailure(422), /refuses a plain request \(HTTP 422\)/, /one for chat/],
  ])('%s', (_, failure, message, fix) => {
    const error = serviceError(failure, BASE);
    expect(error.hop).toBe('model service');
    expect(error.message).toMatch(/^the model service at https:\/\/maas\.example\.com\/v1 /);
    expect(error.message).toMatch(message);
    expect(error.fix).toMatch(fix);
    expect(error.cause).toBe(failure);
  });
});
