import { BudgetSpent } from '../spend/meter.js';
import { RunError } from '../errors.js';
import type { Indexed, BasicContext } from './check.js';
import type { Hit } from './stack/readings.js';

/** Whom a file accuses that can not be indexed now, where files were before. */
const STORE = { code: 'E_VECTOR_STORE', hop: 'vector store' } as const;

const RESTART =
  'Check that the vector database runs and that the stack reaches it; the stack must be restarted after the database was away.';

/**
 * A search in a store that holds what it is for.
 * @throws RunError with the hop at fault where nothing comes: the stack gives any error of its store as an empty list
 */
export async function mustFind(context: BasicContext, query: string, most: number): Promise<Hit[]> {
  const indexed = await context.indexed();
  const hits = await indexed.stores.search(indexed.storeId, query, most);
  if (hits.length > 0) return hits;
  throw await whyNothing(context, indexed, query);
}

/** Why a search brings nothing from a store with documents: tried with the embedder, then with a store made now. */
export async function whyNothing(
  { stack, inventor }: BasicContext,
  { stores }: Indexed,
  query: string,
): Promise<RunError> {
  const found = 'the search found nothing in a store that holds the answer';
  const word = inventor.word();
  try {
    if (stores.embedding) await unlessSpent(stack.embed(stores.embedding, [query]));
    const storeId = await stores.create(`maas-e2e ${word}`);
    await stores.add(storeId, { name: `${word}.txt`, type: 'text/plain', content: `This is about ${word}.\n` });
    const hits = await stores.search(storeId, `What is about ${word}?`, 1);
    if (hits.length > 0)
      return new RunError(
        'E_RETRIEVAL',
        'vector store',
        `${found}, and finds what is stored now: it has lost what it held`,
        'Check what empties the tables of the vector database, and that its data lies on a volume.',
      );
    return new RunError('E_VECTOR_STORE', 'vector store', `${found}, nor what is stored now`, RESTART);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const { code, hop } = error.hop === 'file processing' ? STORE : error;
    return new RunError(code, hop, `${found}; ${error.message}`, error.fix, { cause: error });
  }
}

/** A spent budget leaves the embedder unasked, and says nothing of what is broken. */
async function unlessSpent(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof BudgetSpent)) throw error;
  });
}
