import { isRecord } from '../../json.js';
import { asking } from '../../maas/chat.js';
import { oneLine } from '../../maas/failure.js';
import { askFeature } from '../ask.js';
import type { Check } from '../check.js';

export const chatJson: Check = {
  name: 'chat-json',
  hop: 'stack',
  proves: 'JSON mode (response_format json_object) is handed on: the answer is one JSON object.',
  cannot: 'That the object has the members that a prompt asks for; a model may also write JSON without the mode.',
  needs: ['chat'],
  asksModel: true,
  run: async (context) => {
    const { text } = await askFeature(context, 'JSON mode', {
      request: {
        ...asking(`Reply with the word ${context.inventor.word()}, as a JSON object with the member "answer".`),
        response_format: { type: 'json_object' },
      },
      wrong: ({ text: said }) => (isJsonObject(said) ? undefined : `JSON mode gave no JSON object: "${oneLine(said)}"`),
    });
    return { expected: 'a JSON object', got: oneLine(text) };
  },
};

export function isJsonObject(text: string): boolean {
  try {
    return isRecord(JSON.parse(text));
  } catch {
    return false;
  }
}
