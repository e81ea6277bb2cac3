import { RunError } from '../../errors.js';
import { NotApplicable, type Check } from '../check.js';
import { SHELF } from '../corpus/corpus.js';
import { mustFind } from '../search.js';

export const metadataFilter: Check = {
  name: 'metadata-filter',
  hop: 'vector store',
  proves: 'A search filtered by an attribute brings chunks of the files with that value, and of no others.',
  cannot: 'Other comparisons than equality.',
  needs: ['files'],
  asksModel: false,
  run: async (context) => {
    const { stores, storeId } = await context.indexed();
    const { first, files } = context.corpus;
    const value = files.find(({ name }) => name === first.fileName)?.attachment.attributes?.[SHELF] ?? '';
    const filter = { type: 'eq', key: SHELF, value } as const;
    const hits = await stores.search(storeId, first.question, 5, filter);
    if (hits.length === 0) {
      await mustFind(context, first.question, 5);
      throw new NotApplicable(
        'not offered: a filter that fits brings nothing, while search without it does (so does pgvector in stacks up to 0.6)',
      );
    }
    const wrong = hits.find(({ attributes }) => attributes[SHELF] !== value);
    if (wrong)
      throw new RunError(
        'vector store',
        `a search for ${SHELF} "${value}" brought a chunk of ${wrong.fileName}, whose ${SHELF} is "${String(wrong.attributes[SHELF])}"`,
        'The vector store ignores filters: what must be told apart needs stores of its own, or another provider.',
      );
    return { expected: `chunks with ${SHELF} "${value}"`, got: `${hits.length} of them, and no others` };
  },
};
