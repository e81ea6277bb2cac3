import { RunError } from '../../errors.js';
import { oneLine } from '../../maas/failure.js';
import type { Check } from '../check.js';
import { says } from '../matchers.js';

export const chat: Check = {
  name: 'chat',
  hop: 'model service',
  proves: 'A chat completion through the stack reaches a model that follows the request: it repeats a random word.',
  needs: [],
  run: async ({ stack, model, corpus: { word } }) => {
    const { text } = await stack.complete(model.id, `Repeat this word: ${word}`);
    if (!says(text, word)) {
      throw new RunError(
        'model service',
        `the model was asked to repeat "${word}" and said "${oneLine(text)}"`,
        'Check that the endpoint serves a chat model, and not a fixed answer or another model.',
      );
    }
    return { expected: `an answer with "${word}"`, got: oneLine(text) };
  },
};
