import { messageOf } from '../errors.js';
import { linesOf, type Section } from '../section.js';
import type { Kubectl } from './kubectl.js';
import { withoutSecrets } from './without-secrets.js';

/** Pods whose logs are asked for. */
const MOST_PODS = 30;

/** What a red run shows of the cluster: nodes, pods, events, what is not ready, the last lines of every container. */
export async function collectDiagnostics(
  kubectl: Kubectl,
  helm: (args: string[]) => Promise<string>,
): Promise<Section[]> {
  const get = (...args: string[]) => kubectl.text(...args, '--request-timeout=10s');
  const columns = 'custom-columns=TYPE:.type,REASON:.reason,OBJECT:.involvedObject.name,TIMES:.count,MESSAGE:.message';
  const questions: [title: string, file: string, ask: () => Promise<string>][] = [
    ['pods', 'pods.txt', () => get('get', 'pods', '-o', 'wide')],
    [EVENTS, 'events.txt', () => get('get', 'events', '--sort-by=.lastTimestamp', '-o', columns)],
    ['workloads', 'workloads.txt', () => get('get', WORKLOADS)],
    ['describe pods', 'describe-pods.txt', () => get('describe', 'pods')],
    ['describe workloads', 'describe-workloads.txt', () => get('describe', WORKLOADS)],
    ['nodes', 'nodes.txt', () => get('get', 'nodes', '-o', 'wide')],
    ['describe nodes', 'describe-nodes.txt', () => get('describe', 'nodes')],
    ['helm status', 'helm-status.txt', () => helm(['status'])],
    ['helm manifest', 'helm-manifest.yaml', async () => withoutSecrets(await helm(['get', 'manifest']))],
  ];
  const sections: Section[] = [];
  for (const [title, file, ask] of questions) sections.push({ title, file, lines: await answer(ask) });
  const pods = await answer(() => get('get', 'pods', '-o', 'name'));
  for (const pod of pods.filter((name) => name.startsWith('pod/')).slice(0, MOST_PODS)) {
    const logs = (...more: string[]) =>
      get('logs', pod, '--all-containers', '--ignore-errors', '--prefix', '--tail=500', ...more);
    const name = pod.replace('pod/', '');
    sections.push({ title: `logs of ${pod}`, file: `logs/${name}.log`, lines: await answer(logs) });
    const previous = await logs('--previous').catch(() => ''); // most containers have none
    const said = linesOf(previous).filter((line) => line && !line.startsWith('error: '));
    if (said.length) sections.push({ title: `logs of ${pod}, before`, file: `logs/${name}.previous.log`, lines: said });
  }
  return sections;
}

const EVENTS = 'events';
const WORKLOADS = 'deployments,statefulsets,daemonsets,jobs,services,persistentvolumeclaims';

/** The events that warn, each once, the last ones last. */
export function warningsOf(sections: Section[]): string[] {
  const events = sections.find(({ title }) => title === EVENTS)?.lines ?? [];
  return [...new Set(events.filter((line) => line.startsWith('Warning')).map((line) => line.replace(/\s+/g, ' ')))];
}

/** A question that can not be answered is part of the picture. */
async function answer(ask: () => Promise<string>): Promise<string[]> {
  return linesOf(await ask().catch(messageOf));
}
