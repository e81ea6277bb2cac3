import type { Kubectl } from './kubectl.js';

export interface Section {
  title: string;
  lines: string[];
}

/** Lines that are kept of a section. */
const LONGEST = 200;

/** What a red run shows of the cluster: pods, events, what is not ready, the last lines of every container. */
export async function collectDiagnostics(kubectl: Kubectl): Promise<Section[]> {
  const questions: [string, string[]][] = [
    ['pods', ['get', 'pods', '-o', 'wide']],
    [
      'events',
      [
        'get',
        'events',
        '--sort-by=.lastTimestamp',
        '-o',
        'custom-columns=TYPE:.type,REASON:.reason,OBJECT:.involvedObject.name,MESSAGE:.message',
      ],
    ],
    ['workloads', ['get', 'deployments,statefulsets,daemonsets,jobs,services,persistentvolumeclaims']],
    ['describe pods', ['describe', 'pods']],
  ];
  const pods = (await ask(kubectl, ['get', 'pods', '-o', 'name'])).filter((name) => name.startsWith('pod/'));
  const logs = pods.map((pod): [string, string[]] => [
    `logs of ${pod}`,
    ['logs', pod, '--all-containers', '--prefix', '--tail=60'],
  ]);
  const sections: Section[] = [];
  for (const [title, args] of [...questions, ...logs])
    sections.push({ title, lines: (await ask(kubectl, args)).slice(-LONGEST) });
  return sections;
}

/** A question that can not be answered is part of the picture. */
async function ask(kubectl: Kubectl, args: string[]): Promise<string[]> {
  const output = await kubectl.text(...args, '--request-timeout=10s').catch((error: unknown) => String(error));
  return output.trimEnd().split('\n');
}
