import { oneLine } from '../../maas/failure.js';
import { askFeature } from '../ask.js';
import type { Check } from '../check.js';
import { says } from '../matchers.js';

export const chatSystem: Check = {
  name: 'chat-system',
  hop: 'stack',
  proves: 'A system instruction reaches the model: an answer ends with the random word that it asks for.',
  cannot: 'That the model follows every instruction, or keeps to it in a long conversation.',
  needs: ['chat'],
  asksModel: true,
  run: async (context) => {
    const word = context.inventor.word();
    const { text } = await askFeature(context, 'a system instruction', {
      request: {
        messages: [
          { role: 'system', content: `End every answer with the word "${word}".` },
          { role: 'user', content: 'Reply with OK' },
        ],
      },
      wrong: ({ text: said }) =>
        says(said, word) ? undefined : `a system instruction to end with "${word}" gave "${oneLine(said)}"`,
    });
    return { expected: `an answer that ends with "${word}"`, got: oneLine(text) };
  },
};
