import { expect, it } from 'vitest';
import { negativeControl } from '../../src/assert/checks/negative-control.js';
import { completion, contextFor, CORPUS, FakeStack, runCheck } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';

const { answer, question } = CORPUS.target.fact;
const saying = (text: string) => ({ 'POST /chat/completions': () => completion(text) });

it('passes where the model does not know the fact, and asks for it without the document', async () => {
  const api = new FakeStack();
  const evidence = await negativeControl.run(contextFor(api));
  expect(evidence).toEqual({ expected: `an answer without ${answer}`, got: 'I do not know.' });
  expect(api.calls).toHaveLength(1);
  expect(api.sent('POST /chat/completions')).toEqual([
    expect.objectContaining({ messages: [{ role: 'user', content: question }] }),
  ]);
});

it.each([
  ['another number', 'It is 12.', 'It is 12.'],
  ['a longer number that begins like it', `It is ${answer}1.`, `It is ${answer}1.`],
  ['nothing', '', '(empty)'],
])('passes where it says %s', async (_, text, got) => {
  expect((await runCheck(negativeControl, saying(text))).got).toBe(got);
});

it.each([`It is ${answer}.`, `${answer.slice(0, 2)},${answer.slice(2)}`])(
  'a model that knows what it can not know is blamed: its answers come from something else: %s',
  async (text) => {
    const failure = await failureOf(() => runCheck(negativeControl, saying(text)));
    expect(failure.hop).toBe('model service');
    expect(failure.message).toBe(`the model says ${answer} without having the document`);
    expect(failure.fix).toContain('cache');
  },
);
