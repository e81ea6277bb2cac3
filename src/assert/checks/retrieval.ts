import { RunError } from '../../errors.js';
import { oneLine } from '../../maas/failure.js';
import type { Check } from '../check.js';
import type { CorpusDocument } from '../corpus.js';
import { says } from '../matchers.js';
import type { Hit, IndexedFile } from '../stack.js';

export const retrieval: Check = {
  name: 'retrieval',
  hop: 'vector store',
  proves:
    'Two uploaded documents are indexed, and each question brings the chunk with its own random fact first: the search reads the query.',
  needs: ['embeddings'],
  run: async ({ stack, corpus, indexed }) => {
    const { storeId, target, distractor } = await indexed();
    const asked: [CorpusDocument, IndexedFile][] = [
      [corpus.target, target],
      [corpus.distractor, distractor],
    ];
    const found: string[] = [];
    for (const [document, file] of asked) {
      const hits = await stack.search(storeId, document.fact.question, 5);
      throwIfWrong(hits[0], document, file);
      found.push(`"${oneLine(document.fact.sentence)}" first of ${hits.length} chunks, from ${document.fileName}`);
    }
    return {
      expected: asked.map(([{ fact, fileName }]) => `${fact.answer} from ${fileName}`).join('; '),
      got: found.join('; '),
    };
  },
};

/** @throws RunError where the first hit is none, of another file, or a chunk without the fact */
function throwIfWrong(first: Hit | undefined, { fact, fileName }: CorpusDocument, file: IndexedFile): void {
  if (!first) {
    throw new RunError(
      'vector store',
      'the search found nothing in a store that holds the answer',
      'Check that the vector database runs and that the stack reaches it; the stack must be restarted after the database was away.',
    );
  }
  if (first.fileId === file.fileId && says(first.text, fact.answer)) return;
  const asked = `the search for "${fact.question}"`;
  throw new RunError(
    'vector store',
    first.fileId === file.fileId
      ? `${asked} brought ${fileName} first, but a chunk without ${fact.answer}: "${oneLine(first.text)}"`
      : `${asked} brought file ${first.fileId} (${first.fileName}) first, not ${file.fileId} (${fileName})`,
    'Check the embedding model, that the vector store searches by it, and that it keeps chunks with their files.',
  );
}
