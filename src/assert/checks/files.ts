import { RunError } from '../../errors.js';
import type { Check } from '../check.js';
import type { CorpusFile } from '../corpus/corpus.js';
import { mustFind } from '../search.js';
import type { Hit } from '../stack/readings.js';

/** As many chunks as one search may bring: more than the corpus has. */
const ALL = 50;

export const files: Check = {
  name: 'files',
  hop: 'file processing',
  proves:
    'Plain text, Markdown, PDF and text in four scripts are uploaded and indexed as the UI does it, a long one in several chunks, and their sentences come back as they were.',
  cannot: 'Scanned or laid-out PDFs, Office documents, and files larger than a few pages.',
  needs: ['embeddings'],
  asksModel: false,
  run: async (context) => {
    const { fileIds } = await context.indexed();
    const hits = await mustFind(context, 'Which numbers are in the documents?', ALL);
    const found = context.corpus.files.map((file) => judge(file, fileIds.get(file.name) ?? '', hits));
    return { expected: `${context.corpus.files.length} files with their sentences`, got: found.join(', ') };
  },
};

/** @throws RunError where a file comes back in too few chunks, or without one of its sentences */
function judge({ name, chunks, holds }: CorpusFile, fileId: string, hits: Hit[]): string {
  const found = hits.filter((hit) => hit.fileId === fileId);
  const lost = holds.find((sentence) => !found.some((hit) => contains(hit, sentence)));
  const elsewhere = hits.find((hit) => lost !== undefined && contains(hit, lost));
  if (elsewhere)
    throw new RunError(
      'E_RETRIEVAL',
      'vector store',
      `"${lost ?? ''}" of ${name} comes back as a chunk of ${elsewhere.fileName || elsewhere.fileId}`,
      'Check what writes into the vector database: chunks and files no longer belong together.',
    );
  if (lost !== undefined)
    throw new RunError(
      'E_FILE_PROCESSING',
      'file processing',
      found.length === 0
        ? `${name} is indexed, and none of its chunks can be found`
        : `${name} is indexed, and no chunk of it holds "${lost}" as it was written`,
      "Check the stack's file processor: encodings, and the text of PDF files.",
    );
  if (found.length < chunks)
    throw new RunError(
      'E_FILE_PROCESSING',
      'file processing',
      `${name} was to be cut into at least ${chunks} chunks and came back in ${found.length}`,
      "Check the stack's file processor: it does not heed the chunking_strategy.",
    );
  return `${name} in ${found.length}`;
}

/** White space may change on the way, as in the lines of a PDF. */
function contains({ text }: Hit, sentence: string): boolean {
  return text.replace(/\s+/g, ' ').includes(sentence);
}
