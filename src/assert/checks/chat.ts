import { quoted } from '../../maas/answers.js';
import { asking } from '../../maas/chat.js';
import { oneLine } from '../../maas/failure.js';
import { ask } from '../ask.js';
import type { Check } from '../check.js';
import { says } from '../matchers.js';

export const chat: Check = {
  name: 'chat',
  hop: 'model service',
  proves: 'A chat completion through the stack reaches a model that follows the request: it repeats a random word.',
  cannot: 'How good the model is, or that its answers are those of the model that the service names.',
  needs: [],
  asksModel: true,
  run: async (context) => {
    const word = context.inventor.word();
    const { text } = await ask(context, {
      request: asking(`Repeat this word: ${word}`),
      wrong: (answer) =>
        says(answer.text, word) ? undefined : `the model was asked to repeat "${word}" and said ${quoted(answer)}`,
      fix: 'Check that the endpoint serves a chat model, and not a fixed answer or another model; one that reasons needs tokens for it.',
    });
    return { expected: `an answer with "${word}"`, got: oneLine(text) };
  },
};
