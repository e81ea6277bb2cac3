import { RunError } from '../../errors.js';
import { NotApplicable, type Check } from '../check.js';
import { SHELF } from '../corpus/corpus.js';
import { mustFind } from '../search.js';

/** Stacks whose pgvector provider refuses filters, which comes back as an empty list: read in its source, seen in 0.6.1. */
const WITHOUT_FILTERS = /^0\.[0-6]\./;

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
      const version = await context.stack.version();
      const what = 'a filter that fits brings nothing, while search without it does';
      if (WITHOUT_FILTERS.test(version))
        throw new NotApplicable(
          `not offered: ${what} (pgvector has no filters in stacks up to 0.6; this is ${version})`,
        );
      throw new RunError(
        'E_RETRIEVAL',
        'vector store',
        what,
        'Check the vector store: it answers a filtered search with nothing, so that what is there can not be found.',
      );
    }
    const wrong = hits.find(({ attributes }) => attributes[SHELF] !== value);
    if (wrong)
      throw new RunError(
        'E_RETRIEVAL',
        'vector store',
        `a search for ${SHELF} "${value}" brought a chunk of ${wrong.fileName}, whose ${SHELF} is "${String(wrong.attributes[SHELF])}"`,
        'The vector store ignores filters: what must be told apart needs stores of its own, or another provider.',
      );
    return { expected: `chunks with ${SHELF} "${value}"`, got: `${hits.length} of them, and no others` };
  },
};
