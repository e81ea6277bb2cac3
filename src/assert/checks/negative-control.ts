import { asking } from '../../maas/chat.js';
import { oneLine } from '../../maas/failure.js';
import { ask } from '../ask.js';
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
  run: async (context) => {
    const { question, answer } = context.corpus.first;
    const { text } = await ask(context, {
      request: asking(`${question} Answer in one sentence.`),
      wrong: ({ text: said }) =>
        says(said, answer) ? `the model says ${answer} without having the document` : undefined,
      fix: 'The service answers from something else than the request: a cache, another conversation, a fixed answer.',
    });
    return { expected: `an answer without ${answer}`, got: oneLine(text) || '(empty)' };
  },
};
