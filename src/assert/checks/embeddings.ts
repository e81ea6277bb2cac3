import { RunError } from '../../errors.js';
import type { Check } from '../check.js';

export const embeddings: Check = {
  name: 'embeddings',
  hop: 'embedder',
  proves: "The stack's embedding model gives vectors of its declared dimension that differ for different texts.",
  needs: ['stack-models'],
  run: async ({ stack, corpus }) => {
    const model = await stack.embeddingModel();
    const [one = [], other = []] = await stack.embed(model.id, [corpus.target.text, corpus.distractor.text]);
    const wrong = [one, other].find((vector) => vector.length !== model.dimension);
    if (wrong)
      throw new RunError(
        'embedder',
        `${model.id} gives ${wrong.length} dimensions and declares ${model.dimension}`,
        'Register the embedding model with the dimension that it has.',
      );
    if (one.every((value, index) => value === other[index]))
      throw new RunError(
        'embedder',
        `${model.id} gives the same vector for different texts`,
        'Check the embedding model and its weights: nothing can be told apart by search.',
      );
    return {
      expected: `two different vectors of ${model.dimension}`,
      got: `two different vectors of ${one.length} by ${model.id}`,
    };
  },
};
