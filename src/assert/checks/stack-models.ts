import { RunError } from '../../errors.js';
import { NotApplicable, type BasicContext, type Check, type Evidence } from '../check.js';
import type { StackModel } from '../stack/readings.js';

export const stackModels: Check = {
  name: 'stack-models',
  hop: 'stack',
  proves: 'The stack runs, and lists the chat model and an embedding model with its dimension.',
  cannot: 'That a listed model answers.',
  needs: [],
  asksModel: false,
  run: async (context) => {
    const { stack, model, embedding: find } = context;
    if (stack.kind === 'openai') return await listed(context);
    const [version, models] = [await stack.version(), await stack.models()];
    const embedding = await find();
    mustList(model, models);
    return {
      expected: `${model ? `${model.id} and ` : ''}an embedding model`,
      got: `stack ${version}, ${models.length} models, ${embedding.id} (${embedding.dimension ?? ''})`,
    };
  },
};

/** Of a server that is no stack: it may have no embedding model, and its list does not say which model is one. */
async function listed({ stack, model }: BasicContext): Promise<Evidence> {
  const models = await stack.listedModels();
  if (!models) throw new NotApplicable('the server lists no models');
  mustList(model, models);
  return { expected: model?.id ?? 'a list of models', got: models.map(({ id }) => id).join(', ') || 'an empty list' };
}

function mustList(model: StackModel | undefined, models: StackModel[]): void {
  if (!model || models.some(({ id }) => id === model.id)) return;
  throw new RunError(
    'E_STACK_MODEL',
    'stack',
    `the stack no longer lists ${model.id}`,
    "Read the stack's log below: it was restarted with another configuration.",
  );
}
