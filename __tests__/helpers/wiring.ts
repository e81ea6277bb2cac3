import type { Values } from '../../src/deploy/values.js';
import { llamaStack } from '../../src/wiring/llama-stack.js';
import { SECRET_NAME } from '../../src/wiring/secret-object.js';
import type { GivenChart, WiredService } from '../../src/wiring/wiring.js';

export const SERVICE: WiredService = {
  baseUrl: 'https://maas.example.com/v1',
  apiKey: 'stand-in-for-the-key',
  model: 'acme/chat',
  embedding: undefined,
};

/** A chart with its own values and those of a file, and the user's set-values, as texts. */
export function givenChart(
  { defaults = '', files = [], setValues = '' }: { defaults?: string; files?: string[]; setValues?: string } = {},
  over: Partial<GivenChart> = {},
): GivenChart {
  const overlays = files.map((text, at) => ({ where: `values file ${at + 1}.yaml`, text }));
  return {
    chart: {
      path: '/chart',
      name: 'rag',
      dependencies: [{ name: 'llama-stack', alias: 'llama-stack' }],
      defaults: { where: 'values.yaml', text: defaults },
      needs: [],
      files: { paths: [], overlays },
      apiVersions: [],
    },
    setValues: { where: 'input set-values', text: setValues },
    release: 'rag',
    namespace: 'rag-e2e',
    placeholders: [],
    literalKey: '',
    secret: { name: SECRET_NAME, entries: [], asked: false },
    gatewayImage: 'caddy',
    ...over,
  };
}

interface Wiring {
  baseUrl: string;
  model: string;
  modelKey: string;
  apiKey: string;
}

/** The key under global.models that llama-stack takes for a model. */
export function modelKeyFor(model: string, values: Values): string {
  return llamaStack.modelKey({ ...givenChart(), values }, model);
}

/** The overlay of llama-stack. */
export function wiringOverlay({ baseUrl, model, apiKey }: Wiring, values: Values): Values {
  return llamaStack.wire({ ...SERVICE, baseUrl, model, apiKey }, { ...givenChart(), values }).overlay;
}
