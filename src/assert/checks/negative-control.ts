import { asking } from '../../maas/chat.js';
import { oneLine } from '../../maas/failure.js';
import { RunError } from '../../errors.js';
import type { Check } from '../check.js';
import { says } from '../matchers.js';

export const negativeControl: Check = {
  name: 'negative-control',
  hop: 'model service',
  proves:
    'Without the store the same question does not bring the fact: what the other checks found came from retrieval.',
  cannot: 'That the model keeps to the documents where they and its own knowledge differ.',
  needs: ['chat'],
  asksModel: true,
  run: async ({ chat, corpus }) => {
    const question = corpus.first;
    const { text } = await chat.complete(asking(question.question));
    if (says(text, question.answer))
      throw new RunError(
        'model service',
        `the model says ${question.answer} without having the document`,
        'The service answers from something else than the request: a cache, another conversation, a fixed answer.',
      );
    return { expected: `an answer without ${question.answer}`, got: oneLine(text) || '(empty)' };
  },
};
