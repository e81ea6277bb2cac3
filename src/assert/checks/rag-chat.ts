import { oneLine } from '../../maas/failure.js';
import type { Check } from '../check.js';
import { answerFromStore } from '../rag.js';
import { says } from '../matchers.js';

export const ragChat: Check = {
  name: 'rag-chat',
  hop: 'stack',
  proves: 'Search, a CONTEXT/QUERY prompt and a streamed chat answer the question, as the direct chat of the UI does.',
  cannot: 'That the model reads long or contradictory contexts well.',
  needs: ['chat-stream', 'retrieval'],
  asksModel: true,
  run: async (context) => {
    const question = context.corpus.first;
    const { answer } = question;
    const { text } = await answerFromStore(context, question, (said) =>
      says(said, answer)
        ? undefined
        : `the answer to "${question.question}" is "${oneLine(said)}", without ${answer}, although the prompt holds it`,
    );
    return { expected: `an answer with ${answer}`, got: oneLine(text) };
  },
};
