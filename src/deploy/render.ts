import { RunError, type Hop } from '../errors.js';
import type { WiredChart } from '../wiring/wire.js';
import { hopsOf, STACK_PORT, UI_PORT } from './hops.js';
import { findService, serviceOnPort, servicesOf, type KubeObject, type ServicePort } from './objects.js';

/** What a chart serves: a Llama Stack or a plain OpenAI-compatible API, which are tested; or none that is known, which its own tests know. */
export type Api = 'llama-stack' | 'openai' | 'none';

/** What the user says of what the chart serves. */
export interface ServerInputs {
  api: Api | 'auto';
  /** Name and port of its Service; found by the port of the stack where left out. */
  apiService: string;
  apiPort: number | undefined;
  uiService: string;
  uiPort: number | undefined;
  /** Path of the OpenAI routes, such as /v1; empty: found by asking. */
  basePath: string;
  /** Path that answers well when it is up; empty: any answer will do. */
  healthPath: string;
}

/** A chart as Helm renders it: what is known of the deployment before there is a cluster. */
export interface Rendered {
  wired: WiredChart;
  objects: KubeObject[];
  api: Api;
  /** What answers; undefined where there is no such Service, and the chart is none of a stack. */
  server: ServicePort | undefined;
  ui: ServicePort | undefined;
  hopOf: (labels: unknown) => Hop;
}

/**
 * @param mayBeMade whether a Service may come to be that is not in the render
 * @throws RunError where there is nothing to test in it, or a Service that an input names is not there
 */
export function readRender(wired: WiredChart, inputs: ServerInputs, mayBeMade: boolean): Rendered {
  const { objects } = wired;
  const asked = findService(objects, 'api', { name: inputs.apiService, port: inputs.apiPort, mayBeMade });
  const stack = serviceOnPort(objects, STACK_PORT, 'llamastack');
  const api = inputs.api === 'auto' ? apiOf(asked, stack) : inputs.api;
  const server = asked ?? (api === 'llama-stack' ? stack : undefined);
  if (api === 'openai' && !server) throw needsService('api: openai');
  if (inputs.healthPath && !server) throw needsService('health-path');
  if (api === 'llama-stack' && !server) throw noStack(objects);
  const ui =
    findService(objects, 'ui', { name: inputs.uiService, port: inputs.uiPort, mayBeMade }) ??
    (api === 'llama-stack' ? serviceOnPort(objects, UI_PORT, 'rag') : undefined); // elsewhere 8501 may be anything
  return { wired, objects, api, server, ui, hopOf: hopsOf(objects, { api, server, ui }) };
}

/** A Service of another port that was asked for is none of a stack; without one there must be a stack. */
function apiOf(asked: ServicePort | undefined, stack: ServicePort | undefined): Api {
  return asked && asked.service !== stack?.service && asked.port !== STACK_PORT ? 'none' : 'llama-stack';
}

function needsService(what: string): RunError {
  return new RunError(
    'E_INPUT',
    'inputs',
    `input ${what} needs to know the Service of the API`,
    'Name it by api-service or api-port.',
  );
}

function noStack(objects: KubeObject[]): RunError {
  const there = servicesOf(objects);
  const [first] = there;
  const named = there.map(({ service, port }) => `${service}:${port}`).join(', ');
  return new RunError(
    'E_NO_STACK',
    'chart',
    `the chart renders no Service on port ${STACK_PORT}, so there is no Llama Stack to test; it renders ${named || 'no Service'}`,
    first
      ? `Where it is no Llama Stack, name its API: api-service: ${first.service}, with api: openai if it is OpenAI-compatible, or api: none; else check that the values enable the stack.`
      : 'Check the values: they enable nothing that serves; or set api: none.',
  );
}
