import { describe, expect, it } from 'vitest';
import { hasModel } from '../../src/assert/check.js';
import { basicContext, makeContext } from '../../src/assert/context.js';
import { member } from '../../src/json.js';
import { contextFor, CORPUS, countingRandom, FakeStack, MODEL_ID } from '../helpers/fake-stack.js';
import { failingOnce, failureOf, httpFailure } from '../helpers/failures.js';

describe('the corpus of a context', () => {
  it('is uploaded into one new store, file by file, each with its attachment', async () => {
    const api = new FakeStack();
    const { storeId, fileIds } = await contextFor(api).indexed();
    expect(storeId).toBe('vs-1');
    expect([...fileIds]).toEqual(CORPUS.files.map(({ name }, index) => [name, `file-${index + 1}`]));
    expect(api.sent('POST /vector_stores')).toEqual([
      expect.objectContaining({
        name: `maas-e2e ${CORPUS.first.name}`,
        embedding_model: 'st/nomic',
        embedding_dimension: 3,
        provider_id: 'pgvector',
      }),
    ]);
    expect(api.sent('UPLOAD')).toMatchObject(CORPUS.files.map(({ name, type, content }) => ({ name, type, content })));
    expect(api.sent('POST /vector_stores/vs-1/files')).toEqual(
      CORPUS.files.map(({ attachment }, index) => ({ file_id: `file-${index + 1}`, ...attachment })),
    );
    const order = api.calls.map(({ route }) => route).filter((route) => !route.startsWith('GET'));
    expect(order.slice(0, 5)).toEqual([
      'POST /vector_stores',
      'UPLOAD',
      'POST /vector_stores/vs-1/files',
      'UPLOAD',
      'POST /vector_stores/vs-1/files',
    ]);
  });

  it('is uploaded at the first call, and once, also for callers at the same time', async () => {
    const api = new FakeStack();
    const context = contextFor(api);
    expect(api.calls).toEqual([]);
    const [one, other] = await Promise.all([context.indexed(), context.indexed()]);
    expect(other).toBe(one);
    expect(await context.indexed()).toBe(one);
    expect(await context.stores()).toBe(one.stores);
    expect(api.sent('UPLOAD')).toHaveLength(CORPUS.files.length);
    expect(api.sent('GET /models')).toHaveLength(1);
  });

  it('ends at the first document that can not be indexed', async () => {
    const api = new FakeStack({ 'POST /vector_stores/vs-1/files': () => ({ status: 'failed' }) });
    expect((await failureOf(() => contextFor(api).indexed())).hop).toBe('file processing');
    expect(api.sent('UPLOAD')).toHaveLength(1);
  });

  it('is not tried a second time where it failed: later checks are told the same', async () => {
    const api = new FakeStack({ 'POST /vector_stores': failingOnce(httpFailure(500, 'no table'), { id: 'vs-1' }) });
    const context = contextFor(api);
    await failureOf(() => context.indexed());
    expect((await failureOf(() => context.indexed())).message).toContain('no table');
    expect(api.sent('POST /vector_stores')).toHaveLength(1);
  });
});

describe('a context', () => {
  it('chats with the model as the stack lists it, and with the one of the service at the service', async () => {
    const [api, direct] = [new FakeStack(), new FakeStack()];
    const { chat, service } = contextFor(api, {}, direct);
    const request = { messages: [] };
    await chat.complete(request);
    await service.complete(request);
    const modelsOf = (one: FakeStack) => one.sent('POST /chat/completions').map((body) => member(body, 'model'));
    expect([modelsOf(api), modelsOf(direct)]).toEqual([[MODEL_ID], ['acme/chat-1.5']]);
  });

  it('without a model has all the rest, and nobody to chat with', async () => {
    const api = new FakeStack();
    const given = contextFor(api);
    const basic = basicContext({ ...given, uiUrl: 'http://ui' }, countingRandom());
    expect([hasModel(given), hasModel(basic), basic.model]).toEqual([true, false, undefined]);
    expect([basic.uiUrl, basic.minRecall, basic.corpus.first]).toEqual(['http://ui', 0.9, CORPUS.first]);
    expect((await basic.indexed()).storeId).toBe('vs-1');
  });

  it('has a random corpus where it is given no numbers', () => {
    const given = contextFor(new FakeStack());
    const [one, other] = [makeContext(given), makeContext(given)];
    expect(one.corpus.first.answer + one.corpus.first.name).not.toBe(
      other.corpus.first.answer + other.corpus.first.name,
    );
  });

  it('invents for its checks nothing that its documents hold', () => {
    const planned: number[] = [];
    const rest = countingRandom();
    const { corpus, inventor } = makeContext(contextFor(new FakeStack()), (below) => planned.shift() ?? rest(below));
    planned.push(Number(corpus.first.answer) - 10_000);
    expect(inventor.number()).not.toBe(corpus.first.answer);
  });
});
