import { RunError } from '../../errors.js';
import { oneLine } from '../../maas/failure.js';
import type { Check } from '../check.js';

export const retrieval: Check = {
  name: 'retrieval',
  hop: 'vector store',
  proves:
    'An uploaded document is indexed, and a search brings the chunk with its random fact first, before another document.',
  needs: ['embeddings'],
  run: async ({ stack, corpus, indexed }) => {
    const { storeId, target } = await indexed();
    const { fact, fileName } = corpus.target;
    const hits = await stack.search(storeId, fact.question, 5);
    const first = hits[0];
    if (!first)
      throw new RunError(
        'vector store',
        'the search found nothing in a store that holds the answer',
        'Check that the vector database runs and that the stack reaches it; the stack must be restarted after the database was away.',
      );
    if (first.fileId !== target.fileId || !first.text.includes(fact.answer)) {
      throw new RunError(
        'vector store',
        first.fileId === target.fileId
          ? `the search for "${fact.question}" brought ${fileName} first, but a chunk without ${fact.answer}: "${oneLine(first.text)}"`
          : `the search for "${fact.question}" brought file ${first.fileId} (${first.fileName}) first, not ${target.fileId} (${fileName})`,
        'Check the embedding model, that the vector store searches by it, and that it keeps chunks with their files.',
      );
    }
    return {
      expected: `${fact.answer} from ${fileName} first`,
      got: `${hits.length} chunks; first: "${oneLine(fact.sentence)}" from ${fileName}`,
    };
  },
};
