import { inStack, modellessOverlay } from './llama-stack.js';
import { mergeValues } from '../deploy/values.js';
import { textOf } from './shown.js';
import { TRY, type Wiring } from './wiring.js';

/** Provider of the stack's own OpenAI-compatible inference, as the distributions name it. */
const PROVIDER = 'openai';

/**
 * For a Llama Stack that runs its distribution's own configuration: that has a provider remote::openai, switched on by these
 * variables. All come by the Secret, whose members become the environment: a list of variables in the values could only be
 * replaced as a whole.
 */
export const openaiEnv: Wiring = {
  name: 'openai-env',
  suits: () => TRY,
  objection: (objects) => {
    const configured = objects.filter((object) => object.kind === 'ConfigMap' && textOf(object).includes('remote::'));
    const reads = configured.some((object) => /remote::openai|env\.OPENAI_BASE_URL/.test(textOf(object)));
    return configured.length && !reads
      ? `the configuration of the stack that the chart brings (ConfigMap ${configured[0]?.name ?? ''}) has no provider for it (remote::openai)`
      : undefined;
  },
  modelKey: () => PROVIDER,
  wire: ({ baseUrl, apiKey, model }, { values, chart }) => {
    const secrets = {
      OPENAI_API_KEY: apiKey,
      OPENAI_BASE_URL: baseUrl,
      INFERENCE_PROVIDER: PROVIDER,
      INFERENCE_MODEL: `${PROVIDER}/${model}`,
    };
    return { overlay: mergeValues(modellessOverlay(chart, values), inStack(chart, { secrets })), objects: [] };
  },
};
