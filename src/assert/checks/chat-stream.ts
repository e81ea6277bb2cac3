import { quoted } from '../../maas/answers.js';
import { asking } from '../../maas/chat.js';
import { oneLine } from '../../maas/failure.js';
import { ask } from '../ask.js';
import type { Check } from '../check.js';
import { says } from '../matchers.js';

export const chatStream: Check = {
  name: 'chat-stream',
  hop: 'model service',
  proves:
    'A streamed chat completion arrives whole: its pieces make up the random word, and it ends with a finish_reason.',
  cannot: 'That pieces come as they are made: a proxy that holds the whole stream back passes too.',
  needs: ['chat'],
  asksModel: true,
  run: async (context) => {
    const word = context.inventor.word();
    const { text, finishReason } = await ask(context, {
      request: asking(`Repeat this word: ${word}`),
      by: 'completeStreamed',
      wrong: (answer) =>
        says(answer.text, word) ? undefined : `the streamed answer to "Repeat this word: ${word}" is ${quoted(answer)}`,
      fix: 'Check the service, and proxies before it that change or cut streams.',
    });
    return { expected: `a stream with "${word}"`, got: `${oneLine(text)} (${finishReason})` };
  },
};
