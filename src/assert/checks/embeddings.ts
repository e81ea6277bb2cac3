import { RunError } from '../../errors.js';
import type { Check } from '../check.js';
import { cosine } from '../measures.js';

/** A sentence, a paraphrase that a lexical embedding sees too, and an unrelated sentence of the same length. */
const SENTENCE = 'The cat sleeps on the warm roof of the house.';
const PARAPHRASE = 'A cat is sleeping on top of the warm building.';
const UNRELATED = 'Quarterly interest rates were raised by the central bank.';
/** Cosine of two vectors of the same text: rounding differs between batches, the direction does not. */
const SAME = 0.999;

export const embeddings: Check = {
  name: 'embeddings',
  hop: 'embedder',
  proves:
    "The stack's embedding model gives vectors of its declared dimension, the same for the same text, and nearer for a paraphrase than for an unrelated sentence.",
  cannot: 'How well it embeds the language and the subjects of your documents.',
  needs: ['stack-models'],
  asksModel: false,
  run: async ({ stack, embedding }) => {
    const asked = await embedding();
    const vectors = await stack.embed(asked, [SENTENCE, PARAPHRASE, UNRELATED]);
    const [again = []] = await stack.embed(asked, [SENTENCE]);
    // where none is declared, all must have as many as the first
    const model = { ...asked, dimension: asked.dimension ?? vectors[0]?.length ?? 0 };
    const odd = [...vectors, again].find((vector) => vector.length !== model.dimension);
    if (odd || vectors.length !== 3)
      throw new RunError(
        'E_EMBEDDING',
        'embedder',
        odd
          ? `${model.id} gives ${odd.length} dimensions and ${asked.dimension === undefined ? 'before gave' : 'declares'} ${model.dimension}`
          : `${model.id} gives ${vectors.length} vectors for 3 texts`,
        'Register the embedding model with the dimension that it has.',
      );
    const [one = [], near = [], far = []] = vectors;
    const [same, paraphrase, unrelated] = [cosine(one, again), cosine(one, near), cosine(one, far)];
    const said = `same text ${same.toFixed(3)}, paraphrase ${paraphrase.toFixed(3)}, unrelated ${unrelated.toFixed(3)}`;
    if (!(same > SAME)) throw notAnEmbedding(`${model.id} gives another vector for the same text (cosines: ${said})`);
    if (!(paraphrase > unrelated))
      throw notAnEmbedding(
        `${model.id} does not put a paraphrase nearer than an unrelated sentence (cosines: ${said})`,
      );
    return { expected: `vectors of ${model.dimension}, nearer for a paraphrase`, got: `${model.id}: cosines ${said}` };
  },
};

function notAnEmbedding(cause: string): RunError {
  return new RunError(
    'E_EMBEDDING',
    'embedder',
    cause,
    'Check the embedding model and its weights: search can tell nothing apart.',
  );
}
