import { RunError } from '../../errors.js';
import { asking } from '../../maas/chat.js';
import { oneLine } from '../../maas/failure.js';
import { askFeature } from '../ask.js';
import type { Check, CheckContext } from '../check.js';
import type { Question } from '../corpus/corpus.js';
import { says } from '../matchers.js';
import { mustFind } from '../search.js';
import type { RagResponse } from '../stack/readings.js';

/** What the stack offers to the model in the place of file_search. */
const SEARCH_TOOL = {
  type: 'function',
  function: {
    name: 'knowledge_search',
    description: 'Search for information in a database.',
    parameters: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
  },
};

export const ragResponses: Check = {
  name: 'rag-responses',
  hop: 'stack',
  proves:
    'A conversation and a streamed response with file_search answer a question from a document, and cite its file, as the agent chat of the UI does.',
  cannot: 'That the model searches whenever it should, or cites every sentence.',
  needs: ['chat', 'retrieval'],
  asksModel: true,
  run: async (context) => {
    const question = context.corpus.other;
    const { storeId, fileIds } = await context.indexed();
    const response = await context.stack.respond(context.model.id, question.question, storeId);
    await throwIfWrong(context, question, response);
    return {
      expected: `an answer with ${question.answer} from ${question.fileName}`,
      got: `${response.results.length} chunks; ${oneLine(response.answer)}`,
      ...citation(question, response, fileIds.get(question.fileName) ?? ''),
    };
  },
};

async function throwIfWrong(context: CheckContext, question: Question, response: RagResponse): Promise<void> {
  const { question: asked, answer } = question;
  if (!response.searched) await blameForNoSearch(context, asked);
  if (response.results.length === 0) {
    await mustFind(context, asked, 5);
    throw new RunError(
      'stack',
      `file_search for "${asked}" brought nothing, and a search of the same store finds something`,
      "Check the stack's file_search tool: it does not reach the vector store that a search reaches.",
    );
  }
  if (!response.results.some((chunk) => says(chunk, answer)))
    throw new RunError(
      'vector store',
      `file_search for "${asked}" brought ${response.results.length} chunks, none with ${answer}`,
      'Check the embedding model, and that the vector store searches by it.',
    );
  if (!says(response.answer, answer))
    throw new RunError(
      'model service',
      `the answer to "${asked}" is "${oneLine(response.answer)}", without ${answer}, although file_search found it`,
      'Use a model that can read what its tools bring.',
    );
}

/** A model that never searches proves nothing; whether it can, the service itself tells. */
async function blameForNoSearch(context: CheckContext, asked: string): Promise<never> {
  await askFeature(context, 'tool calls by itself', {
    request: { ...asking(asked), tools: [SEARCH_TOOL] },
    wrong: ({ toolCalls, text }) =>
      toolCalls.length ? undefined : `the model does not call a search tool, but says "${oneLine(text)}"`,
  });
  throw new RunError(
    'stack',
    'the model never called file_search, so its answer says nothing about retrieval; offered a search tool in a chat, it calls it',
    "Check the stack's file_search tool and its instructions.",
  );
}

/** @throws RunError where another file is cited */
function citation(
  { fileName }: Question,
  { cited }: RagResponse,
  fileId: string,
): { warning: string } | Record<string, never> {
  if (cited.length === 0) return { warning: 'the answer cites no file' };
  if (cited.includes(fileId)) return {};
  throw new RunError(
    'stack',
    `the answer cites ${cited.join(', ')}, and not ${fileId} (${fileName}), which holds the fact`,
    'Check how the stack annotates answers: its citations lead to the wrong file.',
  );
}
