import { quoted } from '../../maas/answers.js';
import { asking } from '../../maas/chat.js';
import { oneLine } from '../../maas/failure.js';
import { askFeature } from '../ask.js';
import type { Check } from '../check.js';
import { saysInJson } from '../matchers.js';

export const chatJson: Check = {
  name: 'chat-json',
  hop: 'stack',
  proves: 'In JSON mode (response_format json_object) the answer is one JSON object, with the random word in it.',
  cannot: 'That the mode made it so: a model may also write JSON without it. Nor the members that a prompt asks for.',
  needs: ['chat'],
  asksModel: true,
  run: async (context) => {
    const word = context.inventor.word();
    const { text } = await askFeature(context, {
      name: 'JSON mode',
      request: {
        ...asking(`Reply with "${word}", as a JSON object with the member answer.`),
        response_format: { type: 'json_object' },
      },
      wrong: (answer) =>
        saysInJson(answer.text, word)
          ? undefined
          : `JSON mode gave no JSON object with "${word}", but ${quoted(answer)}`,
    });
    return { expected: `a JSON object with "${word}"`, got: oneLine(text) };
  },
};
