import { modellessOverlay } from './llama-stack.js';
import { mergeValues } from '../deploy/values.js';
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
  modelKey: () => PROVIDER,
  wire: ({ baseUrl, apiKey, model }, { values }) => {
    const secrets = {
      OPENAI_API_KEY: apiKey,
      OPENAI_BASE_URL: baseUrl,
      INFERENCE_PROVIDER: PROVIDER,
      INFERENCE_MODEL: `${PROVIDER}/${model}`,
    };
    return { overlay: mergeValues(modellessOverlay(values), { 'llama-stack': { secrets } }), objects: [] };
  },
};
