import { RunError } from '../../errors.js';
import { oneLine } from '../../maas/failure.js';
import type { Check } from '../check.js';
import { says } from '../matchers.js';

export const negativeControl: Check = {
  name: 'negative-control',
  hop: 'model service',
  proves:
    'Without the store the same question does not bring the fact: what the other checks found came from retrieval.',
  needs: ['chat'],
  run: async ({ stack, model, corpus }) => {
    const { question, answer } = corpus.target.fact;
    const { text } = await stack.complete(model.id, question);
    if (says(text, answer))
      throw new RunError(
        'model service',
        `the model says ${answer} without having the document`,
        'The service answers from something else than the request: a cache, another conversation, a fixed answer.',
      );
    return { expected: `an answer without ${answer}`, got: oneLine(text) || '(empty)' };
  },
};
