import type { Hop } from '../../errors.js';
import type { StageTime } from '../../progress.js';
import type { RunRecord } from '../record.js';
import { fenced, inDiagram } from './markdown.js';

/** What is known of a part of the pipeline. */
export type HopState = 'passed' | 'broken' | 'unknown';

export interface HopOfRun {
  hop: Hop;
  state: HopState;
}

/** The parts in the order in which a run comes to them, and the stages that show them to work. */
const WAY: { hop: Hop; stages: string[]; isAlways: boolean }[] = [
  { hop: 'inputs', stages: [], isAlways: true },
  { hop: 'model service', stages: ['probe'], isAlways: true },
  { hop: 'docker', stages: ['docker'], isAlways: false },
  { hop: 'tools', stages: ['kind', 'kubectl', 'helm'], isAlways: true },
  { hop: 'cluster', stages: ['cluster', 'stub CRDs', 'access'], isAlways: true },
  { hop: 'chart', stages: ['chart', 'pre-install', 'release', 'post-install', 'service', 'rollout'], isAlways: true },
  { hop: 'stack', stages: ['readiness'], isAlways: false },
  { hop: 'application', stages: [], isAlways: false },
  { hop: 'embedder', stages: [], isAlways: false },
  { hop: 'file processing', stages: [], isAlways: false },
  { hop: 'vector store', stages: [], isAlways: false },
  { hop: 'UI', stages: ['UI checks'], isAlways: false },
  { hop: 'tests', stages: ['tests'], isAlways: false },
];

/** The parts of a run and what is known of each. What failed is broken; what nothing has shown to work is unknown. */
export function pipelineOf(
  record: Pick<RunRecord, 'checks' | 'failure' | 'plan'> & Partial<Pick<RunRecord, 'dryRun' | 'standIn'>>,
  stages: StageTime[],
): HopOfRun[] {
  const { checks, failure } = record;
  const known = WAY.flatMap(({ hop, stages: names, isAlways }): HopOfRun[] => {
    const [ofHop, judged] = [
      stages.filter(({ name }) => names.includes(name)),
      checks.filter((one) => one.hop === hop),
    ];
    if (failure?.hop === hop || judged.some(({ verdict }) => verdict === 'failed')) return [{ hop, state: 'broken' }];
    if (!isAlways && !judged.length && !ofHop.length) return [];
    const isShown =
      hop === 'inputs'
        ? record.plan !== undefined
        : judged.length
          ? judged.some(({ verdict }) => verdict === 'passed' || verdict === 'warned')
          : ofHop.length > 0;
    // a chart that only renders is none that works, and a stand-in shows nothing of the service
    const isOnlyRendered = hop === 'chart' && !record.dryRun && !ofHop.some(({ name }) => name === 'release');
    const isStoodIn = hop === 'model service' && record.standIn !== undefined;
    const isProven = isShown && !isOnlyRendered && !isStoodIn && ofHop.every(({ ok }) => ok);
    return [{ hop, state: isProven ? 'passed' : 'unknown' }];
  });
  const isNamed = !failure || known.some(({ hop }) => hop === failure.hop);
  return isNamed ? known : [...known, { hop: failure.hop, state: 'broken' }];
}

const MARKS: Record<HopState, string> = { passed: '✅', broken: '❌', unknown: '▫️' };
const STYLES: Record<HopState, string> = {
  passed: 'fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
  broken: 'fill:#ffebe9,stroke:#cf222e,stroke-width:3px,color:#82071e',
  unknown: 'fill:#f6f8fa,stroke:#8c959f,stroke-dasharray:4 3,color:#59636e',
};

/** What there is before anything can be asked: a row of its own, as one row of all is too small to read. */
const BEFORE = WAY.slice(
  0,
  WAY.findIndex(({ hop }) => hop === 'stack'),
).map(({ hop }) => hop);

/** The pipeline as a Mermaid flowchart, the broken part marked. */
export function pipelineDiagram(hops: HopOfRun[]): string {
  const ids = hops.map((_, at) => `n${at}`);
  const isBefore = (at: number) => BEFORE.some((hop) => hop === hops[at]?.hop);
  const rows = [ids.filter((_, at) => isBefore(at)), ids.filter((_, at) => !isBefore(at))];
  const inState = (state: HopState) => ids.filter((_, at) => hops[at]?.state === state);
  const states = (Object.keys(STYLES) as HopState[]).filter((state) => inState(state).length); // an empty class is an error
  return fenced(
    [
      '%%{init: {"flowchart": {"rankSpacing": 20, "nodeSpacing": 20, "padding": 8}}}%%',
      'flowchart LR',
      ...hops.map(({ hop, state }, at) => `  n${at}["${MARKS[state]} ${inDiagram(hop)}"]`),
      ...rows.filter((row) => row.length).map((row) => `  ${row.join(' --> ')}`),
      ...states.map((state) => `  classDef ${state} ${STYLES[state]}`),
      ...states.map((state) => `  class ${inState(state).join(',')} ${state}`),
    ].join('\n'),
    'mermaid',
  );
}
