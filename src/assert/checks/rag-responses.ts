import { RunError } from '../../errors.js';
import { oneLine } from '../../maas/failure.js';
import type { Check } from '../check.js';
import { says } from '../matchers.js';

export const ragResponses: Check = {
  name: 'rag-responses',
  hop: 'stack',
  proves:
    'The Responses API with file_search answers a question from the uploaded document, as the agent chat of the UI does.',
  needs: ['chat', 'retrieval'],
  run: async ({ stack, model, corpus, indexed }) => {
    const { question, answer } = corpus.target.fact;
    const response = await stack.respond(model.id, question, (await indexed()).storeId);
    if (!response.searched)
      throw new RunError(
        'model service',
        'the model never called file_search, so its answer says nothing about retrieval',
        'Use a model that calls tools, and a service that passes tool calls on.',
      );
    if (response.results.length === 0)
      throw new RunError(
        'vector store',
        'file_search found nothing in a store that holds the answer',
        'Check that the vector database runs; the stack must be restarted after it was away.',
      );
    if (!response.results.some((chunk) => says(chunk, answer)))
      throw new RunError(
        'vector store',
        `file_search for "${question}" brought ${response.results.length} chunks, none with ${answer}`,
        'Check the embedding model, and that the vector store searches by it.',
      );
    if (!says(response.answer, answer))
      throw new RunError(
        'model service',
        `the answer to "${question}" is "${oneLine(response.answer)}", without ${answer}, although file_search found it`,
        'Use a model that can read what its tools bring.',
      );
    return {
      expected: `an answer with ${answer}`,
      got: `${response.results.length} chunks; ${oneLine(response.answer)}`,
    };
  },
};
