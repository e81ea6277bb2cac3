import { at, isRecord, items, member, text } from '../json.js';
import { parseAllDocuments } from 'yaml';
import { AS_HELM } from './values.js';
import { RunError } from '../errors.js';

/** A Kubernetes object, as rendered by Helm or read from the cluster. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  name: string;
  body: Record<string, unknown>;
}

/**
 * The objects of a rendered chart, or of another text.
 * @param what what the message says of it
 * @throws RunError where it is no YAML
 */
export function readObjects(rendered: string, what = 'the chart renders'): KubeObject[] {
  const documents = parseAllDocuments(rendered, { ...AS_HELM, prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const error = document.errors[0];
    if (error)
      throw new RunError(
        'E_CHART_RENDER',
        'chart',
        `${what} invalid YAML: ${error.message}`,
        'Run helm template with the same values and correct the template.',
      );
    return toObjects(document.toJS({ maxAliasCount: -1 }) as unknown); // of Helm, which has expanded them before
  });
}

/** One object; or the items of a List. */
export function toObjects(body: unknown): KubeObject[] {
  if (!isRecord(body)) return [];
  if (text(body['kind']).endsWith('List') && Array.isArray(body['items'])) return body['items'].flatMap(toObjects);
  const { apiVersion, kind } = body;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return [];
  return [{ apiVersion, kind, name: text(at(body, 'metadata', 'name')), body }];
}

/** Whether two objects are one in the cluster. @param namespace of what says nothing else */
export function isSameObject(one: KubeObject, other: KubeObject, namespace: string): boolean {
  const place = ({ body }: KubeObject) => text(at(body, 'metadata', 'namespace')) || namespace;
  return one.kind === other.kind && one.name === other.name && place(one) === place(other);
}

/** The controller that made an object, as far as one did. */
export function ownerOf({ body }: KubeObject): { kind: string; name: string } | undefined {
  const [owner] = items(at(body, 'metadata', 'ownerReferences'));
  return owner === undefined ? undefined : { kind: text(member(owner, 'kind')), name: text(member(owner, 'name')) };
}

/** An object that only `helm test` makes. */
export function isTestHook(object: KubeObject): boolean {
  return text(at(object.body, 'metadata', 'annotations', 'helm.sh/hook')).includes('test');
}

const WORKLOADS = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'];

/** The pod spec of a workload, or undefined for other kinds. */
export function podSpecOf(object: KubeObject | undefined): unknown {
  if (!object) return undefined;
  const { kind, body } = object;
  if (!WORKLOADS.includes(kind)) return undefined; // a stubbed kind may look like one, and nothing runs it
  if (kind === 'Pod') return body['spec'];
  if (kind === 'CronJob') return at(body, 'spec', 'jobTemplate', 'spec', 'template', 'spec');
  return at(body, 'spec', 'template', 'spec');
}

/** Containers of a pod spec, those of initialisation first. */
export function containersOf(podSpec: unknown): unknown[] {
  return [...items(member(podSpec, 'initContainers')), ...items(member(podSpec, 'containers'))];
}

export interface ServicePort {
  service: string;
  /** Empty: that of the release. */
  namespace: string;
  /** undefined: it is not made yet. */
  selector: unknown;
  port: number;
  targetPort: unknown;
}

/**
 * The Service that inputs name, by its name, its port or both; undefined where they name none. One that an operator or the
 * user makes later has no selector yet, and is only known where its name and port are said.
 * @throws RunError where there is no such Service
 */
export function findService(
  objects: KubeObject[],
  input: 'api' | 'ui',
  { name, port, mayBeMade }: { name: string; port: number | undefined; mayBeMade: boolean },
): ServicePort | undefined {
  if (!name && port === undefined) return undefined;
  const all = servicesOf(objects);
  const found = all.find((one) => (!name || one.service === name) && (port === undefined || one.port === port));
  if (found) return found;
  if (mayBeMade && name && port !== undefined)
    return { service: name, namespace: '', selector: undefined, port, targetPort: port };
  const wanted = [name && `named ${name}`, port !== undefined && `on port ${port}`].filter(Boolean).join(' ');
  const there = all.map((one) => `${one.service}:${one.port}`).join(', ') || 'none';
  throw new RunError(
    'E_INPUT',
    'inputs',
    `inputs ${input}-service and ${input}-port: the chart renders no Service ${wanted}; it renders ${there}`,
    'Name one of these.',
  );
}

/** Every port of every Service that selects pods. */
export function servicesOf(objects: KubeObject[]): ServicePort[] {
  return objects.filter(({ kind }) => kind === 'Service').flatMap(portsOf);
}

function portsOf({ name, body }: KubeObject): ServicePort[] {
  const selector = at(body, 'spec', 'selector');
  const namespace = text(at(body, 'metadata', 'namespace'));
  if (!selector) return [];
  return items(at(body, 'spec', 'ports')).flatMap((entry) => {
    const port = member(entry, 'port');
    return typeof port === 'number'
      ? [{ service: name, namespace, selector, port, targetPort: member(entry, 'targetPort') ?? port }]
      : [];
  });
}

/** The Service that exposes a port; where several do, the one of the given name. */
export function serviceOnPort(objects: KubeObject[], port: number, preferred: string): ServicePort | undefined {
  const matches = servicesOf(objects).filter((one) => one.port === port);
  return matches.find(({ service }) => service === preferred) ?? matches[0];
}
