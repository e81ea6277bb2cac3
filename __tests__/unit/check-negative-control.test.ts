import { expect, it } from 'vitest';
import { negativeControl } from '../../src/assert/checks/negative-control.js';
import { alwaysSaying, CORPUS, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { judged, trial } from '../helpers/trial.js';

const { answer, question } = CORPUS.first;
const asked = `${question} Answer in one sentence.`;

it('passes where the model does not know the fact, and asks for it without the document, the stack alone', async () => {
  const { api, direct, done } = trial(negativeControl);
  expect(await done()).toEqual({ expected: `an answer without ${answer}`, got: 'I do not know.' });
  expect(api.calls).toEqual([
    {
      route: 'POST /chat/completions',
      body: { model: 'maas/acme/chat-1.5', messages: [{ role: 'user', content: asked }], temperature: 0 },
    },
  ]);
  expect(direct.calls).toEqual([]);
});

it.each([
  ['another number', 'It is 12.', 'It is 12.'],
  ['a longer number that begins like it', `It is ${answer}1.`, `It is ${answer}1.`],
  ['nothing', '', '(empty)'],
])('passes where it says %s', async (_, text, got) => {
  expect((await runCheck(negativeControl, alwaysSaying(text))).got).toBe(got);
});

const KNOWING = [`It is ${answer}.`, `${answer.slice(0, 2)},${answer.slice(2)}`];

it.each(KNOWING)(
  'a service that knows what it can not know is blamed: it answers from something else: %s',
  async (said) => {
    const { api, direct, done } = trial(negativeControl, { stack: alwaysSaying(said), service: alwaysSaying(said) });
    const failure = await failureOf(done);
    expect([failure.code, failure.hop]).toEqual(['E_WRONG_ANSWER', 'model service']);
    expect(failure.message).toBe(`the model says ${answer} without having the document`);
    expect(failure.fix).toContain('cache');
    expect(direct.calls.map(({ body }) => body)).toMatchObject([{ messages: [{ role: 'user', content: asked }] }]);
    expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
  },
);

it.each(KNOWING)('a stack through which the model knows what it can not know is blamed: %s', async (said) => {
  const { api, direct, done } = trial(negativeControl, { stack: alwaysSaying(said) });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
  expect(failure.message).toBe(
    `through the stack, the model says ${answer} without having the document; asked directly, the model service does it right`,
  );
  expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
});

it('a call that fails does not pass for not knowing', async () => {
  const broken = { 'POST /chat/completions': failing(httpFailure(500, 'boom')) };
  const result = await judged(negativeControl, broken);
  expect(result).toMatchObject({ verdict: 'failed', code: 'E_STACK_TO_SERVICE', hop: 'stack' });
  expect(result.cause).toContain('boom');
  const both = await judged(negativeControl, broken, broken);
  expect(both).toMatchObject({ verdict: 'failed', code: 'E_SERVICE_DOWN', hop: 'model service' });
});
