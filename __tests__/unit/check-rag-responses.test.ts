import { expect, it } from 'vitest';
import { ragResponses } from '../../src/assert/checks/rag-responses.js';
import type { ErrorCode } from '../../src/error-codes.js';
import { alwaysSaying, CORPUS, hit, responded, responseMessage, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { judged, notApplicable, trial } from '../helpers/trial.js';

const { answer, question, sentence, fileName } = CORPUS.other;
const RESPOND = 'STREAM /responses';
const found = { type: 'file_search_call', results: [{ text: sentence, file_id: 'file-2' }] };
const searched = (...texts: string[]) => ({
  type: 'file_search_call',
  queries: ['what?'],
  results: texts.map((text, index) => ({ text, file_id: `file-${index + 3}` })),
});
const responding = (...output: object[]) => ({ [RESPOND]: () => [{ type: 'response.created' }, responded(output)] });

it('passes where file_search ran, found something, and the answer has the fact and cites its file', async () => {
  const { api, direct, done } = trial(ragResponses);
  const { expected, got, warning } = await done();
  expect(expected).toBe(`an answer with ${answer} from ${fileName}`);
  expect(got).toMatch(new RegExp(`^\\d+ chunks; ${sentence}$`));
  expect(warning).toBeUndefined();
  expect(api.sent(RESPOND)).toEqual([
    {
      model: 'maas/acme/chat-1.5',
      input: question,
      tools: [{ type: 'file_search', vector_store_ids: ['vs-1'], max_num_results: 5 }],
      include: ['file_search_call.results'],
      conversation: 'conv-1',
    },
  ]);
  expect(direct.calls).toEqual([]);
});

it('asks about another file than the other checks do', () => {
  expect(CORPUS.other.fileName).not.toBe(CORPUS.first.fileName);
});

it('passes where the model writes the number with a separator', async () => {
  const written = `${answer.slice(0, 2)},${answer.slice(2)}`;
  const { got, warning } = await runCheck(ragResponses, responding(found, responseMessage(written, 'file-2')));
  expect([got, warning]).toEqual([`1 chunks; ${written}`, undefined]);
});

it('warns where the answer cites no file', async () => {
  const result = await judged(ragResponses, responding(found, responseMessage(sentence)));
  expect(result).toMatchObject({ verdict: 'warned', cause: 'the answer cites no file' });
});

it('warns where the model cites another of the files that were found', async () => {
  const both = { ...found, results: [...found.results, { text: 'x', attributes: { file_id: 'file-3' } }] };
  const { warning } = await runCheck(ragResponses, responding(both, responseMessage(sentence, 'file-3')));
  expect(warning).toBe(`the answer cites another of the files that were found, and not ${fileName}`);
});

it('an answer that cites a file that was not found is blamed on the stack', async () => {
  const failure = await failureOf(() => runCheck(ragResponses, responding(found, responseMessage(sentence, 'file-3'))));
  expect([failure.code, failure.hop]).toEqual(['E_FILE_SEARCH', 'stack']);
  expect(failure.message).toBe(`the answer cites file-3, and not file-2 (${fileName}), which holds the fact`);
  expect(failure.fix).toContain('files that it did not search');
});

it('may cite more files than the one with the fact', async () => {
  const messages = [responseMessage('See both.', 'file-3'), responseMessage(sentence, 'file-2')];
  expect((await runCheck(ragResponses, responding(found, ...messages))).warning).toBeUndefined();
});

const NO_SEARCH = responding(responseMessage(`It is ${answer}.`, 'file-2'));

it('a model that never searches is not offered the check, even if it knows the answer', async () => {
  const { api, direct, done } = trial(ragResponses, {
    stack: { ...NO_SEARCH, ...alwaysSaying('I need no tool.') },
    service: alwaysSaying('I need no tool.'),
  });
  expect(await notApplicable(done)).toMatch(
    /^not offered: asked directly for tool calls by itself, .*does not call a search tool, but says "I need no tool\."$/,
  );
  expect(direct.sent('POST /chat/completions')).toMatchObject([
    { messages: [{ content: question }], tools: [{ function: { name: 'knowledge_search' } }] },
  ]);
  expect(api.sent(RESPOND)).toHaveLength(1);
});

it('a model that never searches is a fault of the stack where it calls a search tool in a chat', async () => {
  const failure = await failureOf(() => runCheck(ragResponses, NO_SEARCH));
  expect([failure.code, failure.hop]).toEqual(['E_FILE_SEARCH', 'stack']);
  expect(failure.message).toMatch(/never called file_search.*offered a search tool in a chat, it calls it/);
  expect(failure.fix).not.toBe('');
});

const NO_PARSER = failing(httpFailure(400, '"auto" tool choice requires --enable-auto-tool-choice'));

it.each<[string, Record<string, () => unknown>]>([
  ['never searches', NO_SEARCH],
  [
    'fails inside of the stream',
    { [RESPOND]: () => [{ type: 'response.failed', response: { error: { message: 'x' } } }] },
  ],
  ['fails with HTTP 500', { [RESPOND]: failing(httpFailure(500, 'boom', 'POST /responses (stream)')) }],
])('a response that %s is not offered where the service refuses tools', async (_, stack) => {
  const { done } = trial(ragResponses, { stack, service: { 'POST /chat/completions': NO_PARSER } });
  expect(await notApplicable(done)).toMatch(/^not offered: .*enable-auto-tool-choice/);
});

it.each([401, 403, 429])('a response that fails with HTTP %i is no matter of tools', async (status) => {
  const stack = { [RESPOND]: failing(httpFailure(status, '', 'POST /responses (stream)')) };
  const { direct, done } = trial(ragResponses, { stack, service: { 'POST /chat/completions': NO_PARSER } });
  await failureOf(done);
  expect(direct.calls).toEqual([]);
});

it('a chat that breaks is no missing offer', async () => {
  const broken = { 'POST /chat/completions': failing(httpFailure(500, 'boom')) };
  const result = await judged(ragResponses, { ...NO_SEARCH, ...broken }, broken);
  expect(result).toMatchObject({ verdict: 'failed', code: 'E_SERVICE_DOWN', hop: 'model service' });
});

const NOTHING = [
  ['zero results', { type: 'file_search_call', results: [] }],
  ['no results at all', { type: 'file_search_call', results: null }],
] as const;

it.each(NOTHING)(
  '%s from a store that finds nothing is blamed on it, even if the answer has the fact',
  async (_, search) => {
    const lost = { 'POST /vector_stores/vs-1/search': () => ({ data: [] }) };
    const output = responding(search, responseMessage(answer, 'file-2'));
    const failure = await failureOf(() => runCheck(ragResponses, { ...output, ...lost }));
    expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
    expect(failure.message).toContain('the search found nothing in a store that holds the answer');
    expect(failure.fix).toContain('database');
  },
);

it.each(NOTHING)(
  '%s of file_search alone are blamed on the stack: a search of the same store finds it',
  async (_, search) => {
    const output = responding(search, responseMessage(answer, 'file-2'));
    const failure = await failureOf(() => runCheck(ragResponses, output));
    expect(failure.message).not.toContain('it has lost what it held');
    expect([failure.code, failure.hop]).toEqual(['E_FILE_SEARCH', 'stack']);
  },
);

const OTHERS = responding(searched(CORPUS.first.sentence, `1${answer}`), responseMessage(answer, 'file-2'));

it('chunks without the fact are blamed on the model where its query was another, even if the answer has it', async () => {
  const failure = await failureOf(() => runCheck(ragResponses, OTHERS));
  expect([failure.code, failure.hop]).toEqual(['E_WRONG_ANSWER', 'model service']);
  expect(failure.message).toBe(
    `file_search for "${question}" brought 2 chunks, none with ${answer}: the model searched for "what?"`,
  );
});

it('chunks without the fact are blamed on the vector store where the question itself does not bring it', async () => {
  const other = { 'POST /vector_stores/vs-1/search': () => ({ data: [hit(CORPUS.first.sentence, 'file-1')] }) };
  const failure = await failureOf(() => runCheck(ragResponses, { ...OTHERS, ...other }));
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toBe(`file_search for "${question}" brought 2 chunks, none with ${answer}`);
});

it('tells why an answer without the fact is incomplete', async () => {
  const response = { id: 'r', output: [found], incomplete_details: { reason: 'max_output_tokens' } };
  const failure = await failureOf(() =>
    runCheck(ragResponses, { [RESPOND]: () => [{ type: 'response.incomplete', response }] }),
  );
  expect(failure.message).toContain('is nothing (finish_reason "max_output_tokens"), without');
});

it.each([
  ['without the fact', [found, responseMessage('I do\nnot know.')], /is "I do not know\.", without \d+, although file/],
  ['with a longer number', [found, responseMessage(`It is 1${answer}.`)], /is "It is \d{6}\.", without \d{5},/],
  ['that is missing', [found], /is nothing \(finish_reason ""\), without \d+/],
])('an answer %s is blamed on the model, and not asked for again', async (_, output, cause) => {
  const { api, done } = trial(ragResponses, { stack: responding(...output) });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_WRONG_ANSWER', 'model service']);
  expect(failure.message).toMatch(cause);
  expect(api.sent(RESPOND)).toHaveLength(1);
});

it.each<[string, string, () => unknown, ErrorCode, RegExp]>([
  ['an empty output', RESPOND, () => [responded([])], 'E_STACK_FORM', /unknown form.*an output/],
  [
    'a conversation that fails',
    'POST /conversations',
    failing(httpFailure(404, 'Not Found')),
    'E_STACK_ERROR',
    /Not Found/,
  ],
  ['a conversation without an id', 'POST /conversations', () => ({}), 'E_STACK_FORM', /a conversation with an id/],
  [
    'a failed response',
    RESPOND,
    () => [{ type: 'response.failed', response: { error: { message: 'x1' } } }],
    'E_STREAM_CUT',
    /x1/,
  ],
  ['a cut stream', RESPOND, () => [{ type: 'response.created' }], 'E_STREAM_CUT', /before the response was complete/],
  [
    'an error',
    RESPOND,
    failing(httpFailure(500, 'no agents', 'POST /responses (stream)')),
    'E_STACK_TO_SERVICE',
    /no agents/,
  ],
])('%s is blamed on the stack where the service streams well', async (_, route, handler, code, cause) => {
  const result = await judged(ragResponses, { [route]: handler });
  expect(result).toMatchObject({ verdict: 'failed', code, hop: 'stack' });
  expect(result.cause).toMatch(cause);
});
