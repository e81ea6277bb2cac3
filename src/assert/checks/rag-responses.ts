import { RunError } from '../../errors.js';
import { quoted } from '../../maas/answers.js';
import { asking } from '../../maas/chat.js';
import { ApiFailure, isRateLimit, oneLine } from '../../maas/failure.js';
import { trial } from '../ask.js';
import { NotApplicable, type Check, type CheckContext } from '../check.js';
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
    const { stores, storeId, fileIds } = await context.indexed();
    const { model, stack } = context;
    const response = await stack
      .respond(model.id, question.question, storeId, stores)
      .catch(async (error: unknown) => await blameForFailure(context, question.question, error));
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
      'E_FILE_SEARCH',
      'stack',
      `file_search for "${asked}" brought nothing, and a search of the same store finds something`,
      "Check the stack's file_search tool: it does not reach the vector store that a search reaches.",
    );
  }
  if (!response.results.some(({ text }) => says(text, answer))) await blameForWrongChunks(context, question, response);
  if (!says(response.answer, answer))
    throw new RunError(
      'E_WRONG_ANSWER',
      'model service',
      `the answer to "${asked}" is ${quoted({ text: response.answer, finishReason: response.incomplete })}, without ${answer}, although file_search found it`,
      'Use a model that can read what its tools bring; one that reasons needs tokens for it.',
    );
}

/** What the model searched for, or the search: the question itself, searched for, tells. */
async function blameForWrongChunks(context: CheckContext, question: Question, response: RagResponse): Promise<never> {
  const hits = await mustFind(context, question.question, 5);
  const found = hits.some(({ text }) => says(text, question.answer));
  const brought = `file_search for "${question.question}" brought ${response.results.length} chunks, none with ${question.answer}`;
  if (found)
    throw new RunError(
      'E_WRONG_ANSWER',
      'model service',
      `${brought}: the model searched for "${oneLine(response.queries.join('", "'))}"`,
      'Use a model that hands on what it is asked when it calls a tool.',
    );
  throw new RunError(
    'E_RETRIEVAL',
    'vector store',
    brought,
    'Check the embedding model, and that the vector store searches by it.',
  );
}

/** A response that fails may only show that the service takes no tools (vLLM without a tool parser). */
async function blameForFailure(context: CheckContext, asked: string, error: unknown): Promise<never> {
  const failure = error instanceof RunError && error.cause instanceof ApiFailure ? error.cause : undefined;
  const ofTheRequest = failure && ['status', 'stream'].includes(failure.kind) && !isRateLimit(failure);
  if (ofTheRequest && failure.status !== 401 && failure.status !== 403) await mustOfferSearch(context, asked);
  throw error;
}

/** A model that never searches proves nothing; whether it can, the service itself tells. */
async function blameForNoSearch(context: CheckContext, asked: string): Promise<never> {
  await mustOfferSearch(context, asked);
  throw new RunError(
    'E_FILE_SEARCH',
    'stack',
    'the model never called file_search, so its answer says nothing about retrieval; offered a search tool in a chat, it calls it',
    "Check the stack's file_search tool and its instructions.",
  );
}

/** @throws NotApplicable where the service does not take a search tool, or its model does not call one */
async function mustOfferSearch({ service }: CheckContext, asked: string): Promise<void> {
  const { wrong, error, refused } = await trial(service, {
    request: { ...asking(asked), tools: [SEARCH_TOOL] },
    wrong: (answer) =>
      answer.toolCalls.length ? undefined : `the model does not call a search tool, but says ${quoted(answer)}`,
  });
  if (error && !refused) throw error;
  const what = wrong ?? error?.message;
  if (what !== undefined)
    throw new NotApplicable(
      `not offered: asked directly for tool calls by itself, the model service fails: ${oneLine(what)}`,
    );
}

/** @throws RunError where the citation leads to a file that was not found */
function citation(
  { fileName }: Question,
  { cited, results }: RagResponse,
  fileId: string,
): { warning: string } | Record<string, never> {
  if (cited.length === 0) return { warning: 'the answer cites no file' };
  if (cited.includes(fileId)) return {};
  // the stack takes its citations from what the model writes: a model may mark the wrong one of those that it was given
  if (cited.some((id) => results.some((result) => result.fileId === id)))
    return { warning: `the answer cites another of the files that were found, and not ${fileName}` };
  throw new RunError(
    'E_FILE_SEARCH',
    'stack',
    `the answer cites ${cited.join(', ')}, and not ${fileId} (${fileName}), which holds the fact`,
    'Check how the stack annotates answers: its citations lead to files that it did not search.',
  );
}
