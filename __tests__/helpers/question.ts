import type { ModelQuestion } from '../../src/assert/ask.js';
import type { ErrorCode } from '../../src/error-codes.js';
import type { Hop } from '../../src/errors.js';
import { asking } from '../../src/maas/chat.js';
import { alwaysSaying, contextFor, FakeStack, type Route } from './fake-stack.js';
import { failing, httpFailure, noAnswer } from './failures.js';

export const CHAT = 'POST /chat/completions';
export const STREAM = 'STREAM /chat/completions';
/** How errors of the service begin. */
export const SERVICE = 'the model service at https://maas.example.com/v1';
export const QUESTION: ModelQuestion = {
  request: asking('Say yes'),
  wrong: ({ text }) => (text === 'yes' ? undefined : `it says "${text}"`),
  fix: 'Take another model.',
};

export type Behaviour = string | Error | Record<string, Route>;

/** A stack and a service that say one thing each, or fail with an error, or have other routes. */
export function between(stack: Behaviour, service: Behaviour) {
  const routes = (said: Behaviour) => {
    if (typeof said === 'string') return alwaysSaying(said);
    return said instanceof Error ? { [CHAT]: failing(said), [STREAM]: failing(said) } : said;
  };
  const [api, direct] = [new FakeStack(routes(stack)), new FakeStack(routes(service))];
  return { api, direct, context: contextFor(api, {}, direct) };
}

/** Failures that say nothing about the request; by whom they are told, and by which words. */
export const OF_NO_REQUEST: [string, Behaviour, ErrorCode, Hop, string][] = [
  ['the key (401)', httpFailure(401, 'who?'), 'E_STACK_KEY', 'stack', 'refuses the key'],
  ['the key (403)', httpFailure(403, 'who?'), 'E_STACK_KEY', 'stack', 'refuses the key'],
  ['the rate (429)', httpFailure(429, 'slowly'), 'E_RATE_LIMITED', 'model service', 'limits the rate'],
  [
    'the rate (under another status)',
    httpFailure(400, 'Too Many Requests'),
    'E_RATE_LIMITED',
    'model service',
    'limits the rate',
  ],
  ['a redirect', httpFailure(302, 'elsewhere'), 'E_STACK_ERROR', 'stack', 'HTTP 302'],
  ['a deadline', noAnswer('timeout'), 'E_STACK_TIMEOUT', 'stack', 'does not answer in time'],
  ['the connection', noAnswer('connection', 'ECONNREFUSED'), 'E_STACK_UNREACHABLE', 'stack', 'ECONNREFUSED'],
  ['the form of the answer', { [CHAT]: () => ({ choices: [] }) }, 'E_STACK_FORM', 'stack', 'unknown form'],
];

/** What a status means of the service itself, where it is more than a refusal. */
export const OF_SERVICE: Record<number, ErrorCode> = {
  401: 'E_AUTH',
  403: 'E_AUTH',
  404: 'E_SERVICE_FORM',
  429: 'E_RATE_LIMITED',
  ...Object.fromEntries([500, 501, 502, 503].map((status): [number, ErrorCode] => [status, 'E_SERVICE_DOWN'])),
};
