import { randomInt } from 'node:crypto';
import { NotApplicable, type BasicContext, type CheckContext, type Indexed } from './check.js';
import { makeCorpus, type Corpus } from './corpus/corpus.js';
import { Inventor } from './corpus/facts.js';
import { VectorStores } from './stack/stores.js';

type BasicGiven = Pick<BasicContext, 'stack' | 'uiUrl' | 'web' | 'minRecall' | 'meter'>;

/** What a run has before its first check. */
export type Given = BasicGiven & Pick<CheckContext, 'model' | 'service' | 'probe' | 'parallel'>;

/** What checks work with; the corpus is random, and is uploaded by the first check that asks for it. */
export function makeContext(given: Given, random: (below: number) => number = randomInt): CheckContext {
  return { ...given, ...basicContext(given, random), model: given.model, chat: given.stack.chat(given.model.id) };
}

/** The same without a model. */
export function basicContext(given: BasicGiven, random: (below: number) => number = randomInt): BasicContext {
  const { stack } = given;
  const inventor = new Inventor(random);
  const corpus = makeCorpus(inventor);
  const embedding = once(async () => {
    const found = await stack.embeddingModel();
    if (!found) throw new NotApplicable('the server lists no embedding model');
    return found;
  });
  const stores = once(async () => {
    const none = await stack.whyNoStores();
    if (none !== undefined) throw new NotApplicable(none);
    return new VectorStores(stack, stack.kind === 'openai' ? undefined : await embedding());
  });
  const indexed = once(async () => await indexCorpus(await stores(), corpus));
  return { ...given, model: undefined, corpus, inventor, embedding, stores, indexed };
}

/** Uploads the corpus into a new vector store. Whatever it makes is noted at the stack, which deletes it later. */
async function indexCorpus(stores: VectorStores, corpus: Corpus): Promise<Indexed> {
  const storeId = await stores.create(`maas-e2e ${corpus.first.name}`);
  const fileIds = new Map<string, string>();
  for (const file of corpus.files) fileIds.set(file.name, await stores.add(storeId, file, file.attachment));
  return { stores, storeId, fileIds };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
