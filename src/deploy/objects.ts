import { at, isRecord, items, member, text } from '../json.js';
import { LineCounter } from 'yaml';
import { RunError } from '../errors.js';
import { documentsIn, YamlFault } from './documents.js';
import { readScalars, valueOf } from './yaml.js';

/** A Kubernetes object, as rendered by Helm or read from the cluster. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  name: string;
  body: Record<string, unknown>;
}

/**
 * The objects of a rendered chart, or of another text, with its words and numbers as Helm and kubectl read them: by YAML 1.1.
 * @param invalid the error of what is no YAML, with what is wrong in it and at which line
 * @throws RunError where it is no YAML
 */
export function readObjects(
  rendered: string,
  invalid: (what: string, line: number) => RunError = ofRender,
): KubeObject[] {
  const lines = new LineCounter();
  const objects: KubeObject[] = [];
  try {
    for (const document of documentsIn(rendered, lines, LIMITS)) {
      readScalars(document);
      objects.push(...toObjects(valueOf(document, HEAVIEST)));
    }
  } catch (error) {
    throw error instanceof YamlFault ? invalid(error.message, lines.linePos(error.offset).line) : error;
  }
  return objects;
}

/** Some 150,000 lines, and 30,000 in one document: more than what the largest operators bring. */
const LIMITS = { tokens: 1_000_000, tokensOfDocument: 200_000 };
/** What one document may stand for: Helm's renders have no aliases left, and manifests of a user's have few. */
const HEAVIEST = 64 * 1024 * 1024;

function ofRender(what: string): RunError {
  const fix = 'Run helm template with the same values and correct the template.';
  return new RunError('E_CHART_RENDER', 'chart', `the chart renders invalid YAML: ${what}`, fix);
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

/** Pods of a set of which the labels are looked at. */
const MOST_PODS = 100;

/**
 * Labels that pods of a workload have, one entry for pods that have the same: those of the template, and those that its controller
 * adds. https://kubernetes.io/docs/reference/labels-annotations-taints/
 */
export function podLabelsOf(object: KubeObject): Record<string, unknown>[] {
  const { kind, name, body } = object;
  if (podSpecOf(object) === undefined) return [];
  if (kind === 'Pod') return [recordOf(at(body, 'metadata', 'labels'))];
  const inJob = kind === 'CronJob' ? ['spec', 'jobTemplate'] : [];
  const labels = recordOf(at(body, ...inJob, 'spec', 'template', 'metadata', 'labels'));
  if (kind === 'Job') return [{ ...labels, 'job-name': name, 'batch.kubernetes.io/job-name': name }];
  if (kind !== 'StatefulSet') return [labels];
  const first = Number(at(body, 'spec', 'ordinals', 'start') ?? 0);
  return Array.from({ length: Math.min(Number(at(body, 'spec', 'replicas') ?? 1), MOST_PODS) }, (_, index) => {
    const ordinal = first + index;
    const added = { 'apps.kubernetes.io/pod-index': String(ordinal) };
    return { ...labels, ...added, 'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}` };
  });
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
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
  const useless = objects.filter((one) => one.kind === 'Service' && (name ? one.name === name : hasPort(one, port)));
  const why = useless.map(uselessness).find((said) => said !== undefined);
  if (why !== undefined)
    throw refuse(`input ${input}-${name ? 'service' : 'port'}: ${why}`, 'Name one that selects pods.');
  if (mayBeMade && name && port !== undefined)
    return { service: name, namespace: '', selector: undefined, port, targetPort: port };
  const wanted = [name && `named ${name}`, port !== undefined && `on port ${port}`].filter(Boolean).join(' ');
  const there = all.map((one) => `${one.service}:${one.port}`).join(', ') || 'none';
  const said = `the chart renders no Service ${wanted}; it renders ${there}`;
  throw refuse(`inputs ${input}-service and ${input}-port: ${said}`, 'Name one of these.');
}

function refuse(what: string, fix: string): RunError {
  return new RunError('E_INPUT', 'inputs', what, fix);
}

/** Why no pod can be reached by a Service, in a clause; undefined where that is not known. */
function uselessness({ name, body }: KubeObject): string | undefined {
  const host = text(at(body, 'spec', 'externalName'));
  if (isElsewhere(body))
    return `the Service ${name} is an ExternalName, which leads to ${host} and to no pod of the chart`;
  if (!at(body, 'spec', 'selector'))
    return `the Service ${name} has no selector: it leads to endpoints that somebody else makes, and to no pod of the chart`;
  return items(at(body, 'spec', 'ports')).length ? undefined : `the Service ${name} has no ports`;
}

function isElsewhere(body: unknown): boolean {
  return at(body, 'spec', 'type') === 'ExternalName';
}

function hasPort({ body }: KubeObject, port: number | undefined): boolean {
  return items(at(body, 'spec', 'ports')).some((entry) => member(entry, 'port') === port);
}

/** Every port of every Service that leads to pods by their labels. */
export function servicesOf(objects: KubeObject[]): ServicePort[] {
  return objects.filter(({ kind }) => kind === 'Service').flatMap(portsOf);
}

function portsOf({ name, body }: KubeObject): ServicePort[] {
  const selector = at(body, 'spec', 'selector');
  const namespace = text(at(body, 'metadata', 'namespace'));
  if (!selector || isElsewhere(body)) return [];
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
