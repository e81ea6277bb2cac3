import { RunError } from '../../errors.js';
import type { Check } from '../check.js';

export const stackModels: Check = {
  name: 'stack-models',
  hop: 'stack',
  proves: 'The stack runs, and lists the chat model and an embedding model with its dimension.',
  cannot: 'That a listed model answers.',
  needs: [],
  asksModel: false,
  run: async ({ stack, model, stores }) => {
    const [version, models] = [await stack.version(), await stack.models()];
    const { embedding } = await stores();
    if (model && !models.some(({ id }) => id === model.id))
      throw new RunError(
        'E_STACK_MODEL',
        'stack',
        `the stack no longer lists ${model.id}`,
        "Read the stack's log below: it was restarted with another configuration.",
      );
    return {
      expected: `${model ? `${model.id} and ` : ''}an embedding model`,
      got: `stack ${version}, ${models.length} models, ${embedding.id} (${embedding.dimension})`,
    };
  },
};
