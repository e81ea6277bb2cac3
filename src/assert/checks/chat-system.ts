import { quoted } from '../../maas/answers.js';
import { oneLine } from '../../maas/failure.js';
import { askFeature } from '../ask.js';
import type { Check } from '../check.js';
import { says } from '../matchers.js';

export const chatSystem: Check = {
  name: 'chat-system',
  hop: 'stack',
  proves: 'A system instruction reaches the model: an answer has the random word that it asks for.',
  cannot: 'That the model follows every instruction, or keeps to it in a long conversation.',
  needs: ['chat'],
  asksModel: true,
  run: async (context) => {
    const word = context.inventor.word();
    const { text } = await askFeature(context, {
      name: 'a system instruction',
      request: {
        messages: [
          { role: 'system', content: `End every answer with the word "${word}".` },
          { role: 'user', content: 'Reply with OK' },
        ],
      },
      wrong: (answer) =>
        says(answer.text, word) ? undefined : `a system instruction to end with "${word}" gave ${quoted(answer)}`,
      fix: 'Check whether the service, or a gateway before it, drops system messages.',
    });
    return { expected: `an answer with "${word}"`, got: oneLine(text) };
  },
};
