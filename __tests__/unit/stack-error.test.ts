import { describe, expect, it } from 'vitest';
import { stackError } from '../../src/assert/stack/stack-error.js';
import type { ErrorCode } from '../../src/error-codes.js';
import type { Hop } from '../../src/errors.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { httpFailure, noAnswer } from '../helpers/failures.js';

const STREAM = (detail: string) => new ApiFailure('stream', 'POST /responses (stream)', detail);
/** What fails, the failure, what the call was about, its code, whom it blames, and words of message and fix. */
type Row = [string, ApiFailure, Hop, ErrorCode, Hop, RegExp, RegExp];
const SHAPE = new ApiFailure('shape', 'GET /models', 'expected models, got <html>');

describe('what a failed call to the stack means', () => {
  it.each<Row>([
    [
      'no connection',
      noAnswer('connection', 'ECONNRESET'),
      'vector store',
      'E_STACK_UNREACHABLE',
      'stack',
      /does not answer.*ECONNRESET/,
      /log/,
    ],
    [
      'no answer in time',
      noAnswer('timeout'),
      'embedder',
      'E_STACK_TIMEOUT',
      'embedder',
      /does not answer in time/,
      /hangs/,
    ],
    ['another form', SHAPE, 'vector store', 'E_STACK_FORM', 'vector store', /unknown form.*<html>/, /port 8321/],
    [
      'HTTP 401',
      httpFailure(401),
      'stack',
      'E_STACK_KEY',
      'stack',
      /refuses the key that the stack sends/,
      /does not hand the key/,
    ],
    [
      'HTTP 403',
      httpFailure(403),
      'embedder',
      'E_STACK_KEY',
      'stack',
      /refuses the key that the stack sends/,
      /llama-stack\.secrets/,
    ],
    [
      'HTTP 401 of its own',
      httpFailure(401, '', 'GET /models'),
      'stack',
      'E_STACK_AUTH',
      'stack',
      /the stack itself asks for auth/,
      /Switch it off/,
    ],
    [
      'HTTP 403 of its own',
      httpFailure(403, '', 'POST /files'),
      'file processing',
      'E_STACK_AUTH',
      'stack',
      /itself asks for auth/,
      /Switch/,
    ],
    [
      'a rate limit inside of a stream',
      new ApiFailure('stream', 'POST /chat/completions (stream)', 'error: Too Many Requests'),
      'stack',
      'E_RATE_LIMITED',
      'model service',
      /limits the rate/,
      /requests-per-minute/,
    ],
    [
      'HTTP 429',
      httpFailure(429),
      'stack',
      'E_RATE_LIMITED',
      'model service',
      /limits the rate/,
      /requests-per-minute/,
    ],
    [
      'HTTP 404 of a route',
      httpFailure(404, 'Not Found'),
      'stack',
      'E_STACK_ERROR',
      'stack',
      /reports an error/,
      /log/,
    ],
    [
      'a rate limit in a 500',
      httpFailure(500, 'Too Many Requests'),
      'stack',
      'E_RATE_LIMITED',
      'model service',
      /limits the rate/,
      /limit/,
    ],
    [
      'a limit of a gateway (3scale): not the key',
      httpFailure(403, 'Limits exceeded'),
      'stack',
      'E_RATE_LIMITED',
      'model service',
      /limits the rate/,
      /requests-per-minute/,
    ],
    [
      'a rate limit in a stream',
      STREAM('rate_limit_exceeded'),
      'stack',
      'E_RATE_LIMITED',
      'model service',
      /limits the rate/,
      /limit/,
    ],
    [
      'a cut stream',
      STREAM('it was cut'),
      'stack',
      'E_STREAM_CUT',
      'model service',
      /broke off.*it was cut/,
      /proxies/,
    ],
    [
      'a store that the stack forgot',
      httpFailure(404, "Vector_store 'vs_1' not found"),
      'vector store',
      'E_STACK_STATE_LOST',
      'stack',
      /no longer knows a vector store that it made.*vs_1/,
      /volume/,
    ],
    [
      'a store that it forgot, told by 400',
      httpFailure(400, 'Vector Store vs_1 not found'),
      'file processing',
      'E_STACK_STATE_LOST',
      'stack',
      /restarted and has lost its state/,
      /volume/,
    ],
    [
      'HTTP 400 of a store that it knows',
      httpFailure(400, 'vector store vs_1 is busy'),
      'vector store',
      'E_STACK_ERROR',
      'vector store',
      /reports an error/,
      /log/,
    ],
    [
      'a file that is not found',
      httpFailure(404, 'File not found'),
      'vector store',
      'E_STACK_ERROR',
      'vector store',
      /reports an error/,
      /log/,
    ],
    [
      'a refused key in a 500',
      httpFailure(500, 'Unauthorized'),
      'stack',
      'E_STACK_KEY',
      'stack',
      /refuses the key/,
      /llama-stack\.secrets/,
    ],
    [
      'HTTP 404 of a model',
      httpFailure(404, "Model 'x' not found"),
      'stack',
      'E_STACK_MODEL',
      'stack',
      /does not know the model/,
      /global\.models/,
    ],
    [
      'HTTP 404 of a store',
      httpFailure(404),
      'vector store',
      'E_STACK_ERROR',
      'vector store',
      /reports an error/,
      /log/,
    ],
    [
      'HTTP 500',
      httpFailure(500, 'boom'),
      'stack',
      'E_STACK_TO_SERVICE',
      'stack',
      /from inside the cluster.*boom/,
      /DNS, egress/,
    ],
    ...['GET /models', 'GET /version', 'POST /conversations'].map((call): Row => [
      `HTTP 500 of ${call}, which does not ask the service`,
      httpFailure(500, 'boom', call),
      'stack',
      'E_STACK_ERROR',
      'stack',
      new RegExp(`reports an error: ${call}: HTTP 500 \\(boom\\)`),
      /log/,
    ]),
    [
      'HTTP 502 of a response',
      httpFailure(502, '', 'POST /responses'),
      'stack',
      'E_STACK_TO_SERVICE',
      'stack',
      /from inside the cluster/,
      /DNS, egress/,
    ],
    ['HTTP 503', httpFailure(503), 'stack', 'E_STACK_TO_SERVICE', 'stack', /from inside the cluster/, /DNS, egress/],
    [
      'HTTP 500 of a file',
      httpFailure(500),
      'file processing',
      'E_STACK_ERROR',
      'file processing',
      /reports an error/,
      /log/,
    ],
    ['HTTP 400', httpFailure(400, 'no tools'), 'stack', 'E_STACK_ERROR', 'stack', /reports an error.*no tools/, /log/],
    ['HTTP 400 of an embedding', httpFailure(400), 'embedder', 'E_STACK_ERROR', 'embedder', /reports an error/, /log/],
  ])('%s', (_, failure, asked, code, blamed, message, fix) => {
    const error = stackError(failure, asked);
    expect([error.code, error.hop]).toEqual([code, blamed]);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(failure.message);
    expect(error.fix).toMatch(fix);
    expect(error.cause).toBe(failure);
  });

  it.each<[Hop, ErrorCode, RegExp, RegExp]>([
    ['vector store', 'E_VECTOR_STORE', /can not use its vector store.*boom/, /vector database/],
    ['embedder', 'E_EMBEDDING', /can not use its embedding model.*boom/, /loads the model/],
  ])('HTTP 500 of the %s blames it, and not the model service', (hop, code, message, fix) => {
    const error = stackError(httpFailure(500, 'boom'), hop);
    expect([error.code, error.hop]).toEqual([code, hop]);
    expect(error.message).toMatch(message);
    expect(error.fix).toMatch(fix);
    expect(error.message + error.fix).not.toMatch(/model service|maas-endpoint/);
  });
});
