import { asking } from '../../maas/chat.js';
import type { Completion } from '../../maas/answers.js';
import { oneLine } from '../../maas/failure.js';
import { askFeature } from '../ask.js';
import type { Check } from '../check.js';
import { says } from '../matchers.js';

/** Words to repeat, and tokens allowed: fewer than any tokenizer needs for the words. */
const WORDS = 20;
const MOST_TOKENS = 8;

export const chatLimit: Check = {
  name: 'chat-limit',
  hop: 'stack',
  proves: 'max_tokens is handed on and honoured: an answer that would be longer ends early, and says so.',
  cannot: 'That the limit is exact.',
  needs: ['chat'],
  asksModel: true,
  run: async (context) => {
    const words = Array.from({ length: WORDS }, () => context.inventor.word());
    const last = words.at(-1) ?? '';
    const wrong = ({ text, finishReason, usage }: Completion) => {
      const tokens = usage?.completionTokens ?? 0;
      if (says(text, last) || tokens > MOST_TOKENS)
        return `an answer limited to ${MOST_TOKENS} tokens was not cut: "${oneLine(text)}"`;
      return finishReason === 'length' ? undefined : `a limited answer ended by "${finishReason}": "${oneLine(text)}"`;
    };
    const { text } = await askFeature(context, {
      name: 'max_tokens',
      request: { ...asking(`Repeat this text: ${words.join(' ')}`), max_tokens: MOST_TOKENS },
      wrong,
    });
    return { expected: `an answer of at most ${MOST_TOKENS} tokens`, got: `${oneLine(text)} (length)` };
  },
};
