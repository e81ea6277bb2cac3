import { describe, expect, it, vi } from 'vitest';
import { useClock } from '../helpers/clock.js';
import { contextFor, FakeStack } from '../helpers/fake-stack.js';
import { failureOf, httpFailure, noAnswer, failing } from '../helpers/failures.js';

useClock();

const FILE = { name: 'a.txt', type: 'text/plain', content: 'a' };
const deleted = (api: FakeStack) => api.calls.map(({ route }) => route).filter((route) => route.startsWith('DELETE'));

const EMBEDDING = { id: 'st/nomic', dimension: 3, requests: 0 };

describe('deleting what was made', () => {
  it('takes the last first, and only once', async () => {
    const api = new FakeStack();
    const { stack, stores } = contextFor(api);
    const own = await stores();
    const storeId = await own.create('n');
    await own.add(storeId, FILE);
    await stack.respond('m', 'q', storeId, EMBEDDING);
    expect(await stack.deleteAll()).toEqual([]);
    expect(await stack.deleteAll()).toEqual([]);
    expect(deleted(api)).toEqual([
      'DELETE /responses/resp-1',
      'DELETE /conversations/conv-1',
      'DELETE /files/file-1',
      'DELETE /vector_stores/vs-1',
    ]);
  });

  it('waits for no stack that is gone', async () => {
    const gone = failing(noAnswer('timeout'));
    const api = new FakeStack({ 'DELETE /files/file-1': gone });
    const { stack, stores } = contextFor(api);
    const storeId = await (await stores()).create('n');
    await (await stores()).add(storeId, FILE);
    expect(await stack.deleteAll()).toEqual(['file a.txt', 'vector store']);
    expect(deleted(api)).toEqual(['DELETE /files/file-1']);
  });

  it('stops after a minute, and names what is left: the cluster goes anyway', async () => {
    const slowly = (ms: number) => () => {
      vi.setSystemTime(Date.now() + ms);
      return {};
    };
    const api = new FakeStack({ 'DELETE /a/1': slowly(1), 'DELETE /b/1': slowly(60_000) });
    const { stack } = contextFor(api);
    stack.made.push(...['c', 'a', 'b'].map((what) => ({ what, path: `/${what}/1` })));
    expect(await stack.deleteAll()).toEqual(['c']);
    expect(deleted(api)).toEqual(['DELETE /b/1', 'DELETE /a/1']);
  });

  it('goes on where something can not be deleted, and names it; a file that failed to index counts', async () => {
    const api = new FakeStack({
      'POST /vector_stores/vs-1/files': () => ({ status: 'failed' }),
      'DELETE /files/file-1': failing(httpFailure(500)),
    });
    const { stack, stores } = contextFor(api);
    const storeId = await (await stores()).create('n');
    await failureOf(async () => (await stores()).add(storeId, FILE));
    expect(await stack.deleteAll()).toEqual(['file a.txt']);
    expect(api.sent('DELETE /vector_stores/vs-1')).toHaveLength(1);
  });

  it('takes the conversation of a response that failed', async () => {
    const api = new FakeStack({ 'STREAM /responses': failing(httpFailure(500)) });
    const { stack } = contextFor(api);
    await failureOf(() => stack.respond('m', 'q', 'vs-1', EMBEDDING));
    await stack.deleteAll();
    expect(deleted(api)).toEqual(['DELETE /conversations/conv-1']);
  });
});
