import { RunError } from '../../errors.js';
import type { Check } from '../check.js';

export const emptyStore: Check = {
  name: 'empty-store',
  hop: 'vector store',
  proves: 'A store without files finds nothing: what another store finds is its own.',
  cannot: 'That stores of other users are closed to this one.',
  needs: ['retrieval'],
  asksModel: false,
  run: async ({ corpus, inventor, stores }) => {
    const own = await stores();
    const storeId = await own.create(`maas-e2e empty ${inventor.word()}`);
    const [hit] = await own.search(storeId, corpus.first.question, 5);
    if (hit)
      throw new RunError(
        'E_RETRIEVAL',
        'vector store',
        `a new store without files brought a chunk of ${hit.fileName || hit.fileId}`,
        'The stores share one table or index: check the configuration of the vector store.',
      );
    return { expected: 'nothing', got: 'nothing' };
  },
};
