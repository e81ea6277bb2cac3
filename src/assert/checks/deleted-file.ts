import { RunError } from '../../errors.js';
import type { Check } from '../check.js';
import { mustFind } from '../search.js';

export const deletedFile: Check = {
  name: 'deleted-file',
  hop: 'vector store',
  proves: 'A file that is taken out of a store is no longer found there, and the others are.',
  cannot: 'That the file itself is erased from the disk.',
  needs: ['retrieval'],
  asksModel: false,
  run: async (context) => {
    const { stores, storeId, fileIds } = await context.indexed();
    const { name, facts } = context.corpus.disposable;
    const fileId = fileIds.get(name) ?? '';
    const query = facts[0]?.question ?? name;
    const before = await mustFind(context, query, 50);
    await stores.remove(storeId, fileId);
    const after = await mustFind(context, query, 50);
    const count = (hits: { fileId: string }[]) => hits.filter((hit) => hit.fileId === fileId).length;
    if (count(before) === 0 || count(after) > 0)
      throw new RunError(
        'E_RETRIEVAL',
        'vector store',
        count(before) === 0
          ? `${name} could not be found before it was deleted`
          : `${name} was deleted, and ${count(after)} of its chunks are still found`,
        'Check that the vector store deletes the chunks of a file: old answers stay otherwise.',
      );
    return { expected: 'nothing of the deleted file', got: `${count(before)} chunks before, 0 after` };
  },
};
