import type { KubeObject } from '../../src/deploy/objects.js';
import type { Values } from '../../src/deploy/values.js';
import type { RunError } from '../../src/errors.js';
import { at } from '../../src/json.js';
import { chooseWiring, type Choice } from '../../src/wiring/choose.js';
import { findPlaceholders } from '../../src/wiring/compose.js';
import type { GivenChart } from '../../src/wiring/wiring.js';
import { failureOf } from './failures.js';
import { kube } from './kube.js';
import { givenChart, SERVICE } from './wiring.js';

/** What a chart makes of its values. */
export type Renders = (values: Values) => KubeObject[];

export function base64(value: unknown): string {
  return Buffer.from(String(value)).toString('base64');
}

/** A chart with a Llama Stack that has its models from global.models. */
export const byModels: Renders = (values) => [
  kube('ConfigMap', 'run-config', { data: { config: JSON.stringify(at(values, 'global', 'models') ?? {}) } }),
  ...byEnvironment(values),
];

/** One that has them from the environment alone. */
export const byEnvironment: Renders = (values) => {
  const secrets = Object.entries((at(values, 'llama-stack', 'secrets') ?? {}) as Values);
  return [kube('Secret', 'env', { data: Object.fromEntries(secrets.map(([name, value]) => [name, base64(value)])) })];
};

/** One that knows nothing of models. */
export const without: Renders = () => [kube('ConfigMap', 'c', { data: {} })];

/** The choice for a chart, and the values with which it was rendered on the way. */
export function chosen(
  wanted: string,
  renders: Renders,
  over: Partial<GivenChart> = {},
): { choice: Promise<Choice>; rendered: Values[] } {
  const rendered: Values[] = [];
  const choice = chooseWiring(wanted, SERVICE, givenChart({}, over), (values) => {
    rendered.push(values);
    return new Promise((resolve) => {
      resolve(renders(values));
    });
  });
  return { choice, rendered };
}

/** The error that the choice ends with. */
export async function failing(...given: Parameters<typeof chosen>): Promise<RunError> {
  return await failureOf(() => chosen(...given).choice);
}

/** Set-values, and the placeholders in them. */
export function withValues(written: string): Partial<GivenChart> {
  const setValues = { where: 'input set-values', text: written };
  return { setValues, placeholders: findPlaceholders([], setValues) };
}

/** The inputs ask for a Secret. */
export function asksFor(name: string): Partial<GivenChart> {
  return { secret: { name, entries: [], asked: true } };
}
