import type { Hop } from '../errors.js';
import { member } from '../json.js';
import { serviceOnPort, type KubeObject, type ServicePort } from './objects.js';

/** Ports by which the parts of a RAG chart are known: Llama Stack, Streamlit, PostgreSQL. */
export const STACK_PORT = 8321;
export const UI_PORT = 8501;
const DATABASE_PORT = 5432;

/** Which hop a pod is, by the Service that selects its labels. */
export function hopsOf(
  objects: KubeObject[],
  { api, server, ui }: { api: string; server: ServicePort | undefined; ui: ServicePort | undefined },
): (labels: unknown) => Hop {
  const database = serviceOnPort(objects, DATABASE_PORT, 'pgvector');
  const parts: [ServicePort | undefined, Hop][] = [
    [server, api === 'llama-stack' ? 'stack' : 'application'],
    [ui, 'UI'],
    [database, 'vector store'],
  ];
  return (labels) => parts.find(([service]) => service && takes(service.selector, labels))?.[1] ?? 'cluster';
}

/** Whether a selector takes these labels. */
export function takes(selector: unknown, labels: unknown): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([name, value]) => member(labels, name) === value);
}
