import { RunError } from '../../errors.js';
import { oneLine } from '../../maas/failure.js';
import type { Check } from '../check.js';
import { says } from '../matchers.js';

export const ragChat: Check = {
  name: 'rag-chat',
  hop: 'stack',
  proves: 'Search, a CONTEXT/QUERY prompt and a streamed chat answer the question, as the direct chat of the UI does.',
  needs: ['chat', 'retrieval'],
  run: async ({ stack, model, corpus, indexed }) => {
    const { question, answer } = corpus.target.fact;
    const hits = await stack.search((await indexed()).storeId, question, 5);
    const context = hits.map(({ text }) => text).join('\n\n');
    if (!context.includes(answer))
      throw new RunError(
        'vector store',
        `the search for "${question}" no longer brings ${answer}`,
        'The vector store loses what it held: check that the database keeps running.',
      );
    const prompt = `Please answer the following query using the context below.\n\nCONTEXT:\n${context}\n\nQUERY:\n${question}`;
    const { text } = await stack.completeStreamed(model.id, prompt);
    if (!says(text, answer))
      throw new RunError(
        'model service',
        `the answer to "${question}" is "${oneLine(text)}", without ${answer}, although the prompt holds it`,
        'Use a model that can read a context of this length.',
      );
    return { expected: `an answer with ${answer}`, got: oneLine(text) };
  },
};
