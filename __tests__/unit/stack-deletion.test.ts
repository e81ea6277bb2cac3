import { describe, expect, it } from 'vitest';
import { Stack } from '../../src/assert/stack.js';
import { FakeStack } from '../helpers/fake-stack.js';
import { failureOf, noAnswer } from '../helpers/failures.js';

const EMBEDDING = { id: 'st/nomic', dimension: 3 };

describe('deleting what was made', () => {
  it('takes the last first, and only once', async () => {
    const api = new FakeStack();
    const stack = new Stack(api);
    await stack.createStore('n', EMBEDDING);
    await stack.addFile('vs-1', 'a.txt', 'a');
    expect(await stack.deleteAll()).toEqual([]);
    expect(await stack.deleteAll()).toEqual([]);
    const deleted = api.calls.map(({ route }) => route).filter((route) => route.startsWith('DELETE'));
    expect(deleted).toEqual(['DELETE /files/file-1', 'DELETE /vector_stores/vs-1']);
  });

  it('goes on where something can not be deleted, and names it; a file that failed to index counts', async () => {
    const api = new FakeStack({
      'POST /vector_stores/vs-1/files': () => ({ status: 'failed' }),
      'DELETE /files/file-1': () => {
        throw noAnswer('connection');
      },
    });
    const stack = new Stack(api);
    await stack.createStore('n', EMBEDDING);
    await failureOf(() => stack.addFile('vs-1', 'a.txt', 'a'));
    expect(await stack.deleteAll()).toEqual(['file a.txt']);
    expect(api.sent('DELETE /vector_stores/vs-1')).toHaveLength(1);
  });
});
