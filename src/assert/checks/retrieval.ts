import { RunError } from '../../errors.js';
import type { Check, BasicContext } from '../check.js';
import type { Question } from '../corpus/corpus.js';
import { says } from '../matchers.js';
import { meanReciprocalRank, recallAt } from '../measures.js';
import { mustFind } from '../search.js';
import type { Hit } from '../stack/readings.js';

/** Hits that are looked at: what the UI gives to the model. */
const K = 5;

export const retrieval: Check = {
  name: 'retrieval',
  hop: 'vector store',
  proves:
    'For 12 random facts among other documents, search brings the chunk with the fact, from its own file: recall@5, recall@1 and the mean reciprocal rank (MRR) reach their floors.',
  cannot: 'How well search does over your documents, or over many thousands of chunks.',
  needs: ['files'],
  asksModel: false,
  run: async (context) => {
    const { fileIds } = await context.indexed();
    const ranks: (number | undefined)[] = [];
    const misfiled: string[] = [];
    for (const question of context.corpus.questions) {
      const hits = await mustFind(context, question.question, K);
      const fileId = fileIds.get(question.fileName);
      ranks.push(rankOf(hits, question.answer));
      misfiled.push(...hits.flatMap((hit) => misfiling(hit, fileId, question)));
    }
    const measured = { recall1: recallAt(1, ranks), recall5: recallAt(K, ranks), mrr: meanReciprocalRank(ranks) };
    throwIfWrong(measured, misfiled, context);
    return { expected: floors(context), got: told(measured) };
  },
};

interface Measured {
  recall1: number;
  recall5: number;
  mrr: number;
}

/** The rank of the first hit with the fact, from 1. */
function rankOf(hits: Hit[], answer: string): number | undefined {
  const index = hits.findIndex(({ text }) => says(text, answer));
  return index < 0 ? undefined : index + 1;
}

/** The fact in a chunk of another file: what was stored has been mixed up. */
function misfiling(hit: Hit, fileId: string | undefined, { answer, fileName }: Question): string[] {
  return hit.fileId !== fileId && says(hit.text, answer)
    ? [`the chunk with ${answer} came as one of ${hit.fileName || hit.fileId}, not of ${fileName}`]
    : [];
}

/**
 * The floors of recall@1 and of the mean reciprocal rank go with that of recall@5. A search that does not read the query
 * brings the same five chunks for all questions: they may hold most facts, but each is the first for few.
 */
function floorsOf({ minRecall }: BasicContext): Measured {
  return { recall1: minRecall / 2, recall5: minRecall, mrr: (minRecall * 2) / 3 };
}

function throwIfWrong(measured: Measured, misfiled: string[], context: BasicContext): void {
  if (misfiled[0] !== undefined)
    throw new RunError(
      'E_RETRIEVAL',
      'vector store',
      `${misfiled.length} chunks come back under other files; ${misfiled[0]}`,
      'Check what writes into the vector database: chunks and files no longer belong together.',
    );
  const least = floorsOf(context);
  if (measured.recall1 < least.recall1 || measured.recall5 < least.recall5 || measured.mrr < least.mrr)
    throw new RunError(
      'E_RETRIEVAL',
      'vector store',
      `search brings too little: ${told(measured)}; wanted ${floors(context)}`,
      'Check the embedding model, and that the vector store searches by it; min-recall sets the floor.',
    );
}

function floors(context: BasicContext): string {
  return `at least ${told(floorsOf(context))}`;
}

function told({ recall1, recall5, mrr }: Measured): string {
  return `recall@1 ${recall1.toFixed(2)}, recall@${K} ${recall5.toFixed(2)}, MRR ${mrr.toFixed(2)}`;
}
