import { expect, it } from 'vitest';
import { negativeControl } from '../../src/assert/checks/negative-control.js';
import { alwaysSaying, CORPUS, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { judged, trial } from '../helpers/trial.js';

const { answer, question } = CORPUS.first;

it('passes where the model does not know the fact, and asks for it without the document', async () => {
  const { api, done } = trial(negativeControl);
  expect(await done()).toEqual({ expected: `an answer without ${answer}`, got: 'I do not know.' });
  expect(api.calls).toEqual([
    {
      route: 'POST /chat/completions',
      body: { model: 'maas/acme/chat-1.5', messages: [{ role: 'user', content: question }] },
    },
  ]);
});

it.each([
  ['another number', 'It is 12.', 'It is 12.'],
  ['a longer number that begins like it', `It is ${answer}1.`, `It is ${answer}1.`],
  ['nothing', '', '(empty)'],
])('passes where it says %s', async (_, text, got) => {
  expect((await runCheck(negativeControl, alwaysSaying(text))).got).toBe(got);
});

it.each([`It is ${answer}.`, `${answer.slice(0, 2)},${answer.slice(2)}`])(
  'a model that knows what it can not know is blamed: its answers come from something else: %s',
  async (text) => {
    const { api, done } = trial(negativeControl, { stack: alwaysSaying(text) });
    const failure = await failureOf(done);
    expect(failure.hop).toBe('model service');
    expect(failure.message).toBe(`the model says ${answer} without having the document`);
    expect(failure.fix).toContain('cache');
    expect(api.calls).toHaveLength(1);
  },
);

it('a call that fails does not pass for not knowing', async () => {
  const result = await judged(negativeControl, { 'POST /chat/completions': failing(httpFailure(500, 'boom')) });
  expect(result).toMatchObject({ verdict: 'failed', hop: 'stack' });
  expect(result.cause).toContain('boom');
});
