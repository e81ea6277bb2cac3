import { expect, it } from 'vitest';
import { stackModels } from '../../src/assert/checks/stack-models.js';
import { CHAT_MODEL, EMBEDDER, listedModel, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, noAnswer } from '../helpers/failures.js';
import { judgedWithoutModel } from '../helpers/trial.js';

const listing = (...data: unknown[]) => ({ 'GET /models': () => ({ data }) });

it('passes where the stack lists the chat model and an embedding model', async () => {
  expect(await runCheck(stackModels)).toEqual({
    expected: 'maas/acme/chat-1.5 and an embedding model',
    got: 'stack 0.6.7, 2 models, st/nomic (3)',
  });
});

it('passes without a model to test where there is an embedding model', async () => {
  const evidence = { expected: 'an embedding model', got: 'stack 0.6.7, 1 models, st/nomic (3)' };
  expect(await judgedWithoutModel(stackModels, listing(EMBEDDER))).toMatchObject({ verdict: 'passed', evidence });
});

it('a chat model that is gone is blamed on the stack: an id that only begins the same is another', async () => {
  const other = listedModel('maas/acme/chat-1.5-mini', 'llm', 'maas', 'acme/chat-1.5-mini');
  const failure = await failureOf(() => runCheck(stackModels, listing(other, EMBEDDER)));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_MODEL', 'stack']);
  expect(failure.message).toBe('the stack no longer lists maas/acme/chat-1.5');
  expect(failure.fix).toContain('restarted');
});

it('a list that is empty has lost the chat model', async () => {
  const failure = await failureOf(() => runCheck(stackModels, listing()));
  expect([failure.code, failure.hop]).toEqual(['E_EMBEDDING', 'embedder']);
});

it.each([
  ['none', CHAT_MODEL],
  ['one without a dimension', CHAT_MODEL, listedModel('e', 'embedding', 'p', 'm')],
])('a stack with no embedding model to use (%s) is blamed on the embedder', async (_, ...models) => {
  const failure = await failureOf(() => runCheck(stackModels, listing(...models)));
  expect([failure.code, failure.hop]).toEqual(['E_EMBEDDING', 'embedder']);
  expect(failure.message).toContain('no embedding model with a dimension');
  expect(failure.fix).toContain('sentence-transformers');
});

it.each(['GET /version', 'GET /models'])('a stack that does not answer %s is blamed on the stack', async (route) => {
  const stack = { [route]: failing(noAnswer('connection', 'ECONNREFUSED')) };
  const failure = await failureOf(() => runCheck(stackModels, stack));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_UNREACHABLE', 'stack']);
  expect(failure.message).toMatch(/the stack does not answer.*ECONNREFUSED/);
});

it.each([
  ['no list', {}],
  ['a page', '<html>'],
])('%s is blamed on the stack', async (_, body) => {
  const failure = await failureOf(() => runCheck(stackModels, { 'GET /models': () => body }));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_FORM', 'stack']);
  expect(failure.message).toContain('unknown form');
});
