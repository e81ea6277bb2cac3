import { parseAllDocuments } from 'yaml';
import { isRecord } from '../../src/json.js';
import { fencesIn, type Fence } from './markdown.js';
import { INPUTS, misusesIn, THIS_ACTION, yamlErrors, type Lint } from './workflows.js';

/** YAML that a page shows. */
export interface Snippet extends Omit<Fence, 'language'> {
  file: string;
}

export function snippetsIn(file: string, markdown: string): Snippet[] {
  return fencesIn(markdown)
    .filter(({ language }) => ['yaml', 'yml'].includes(language))
    .map(({ line, text }) => ({ file, line, text: dedented(text) }));
}

function dedented(text: string): string {
  const lines = text.split('\n');
  const indents = lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length);
  return lines.map((line) => line.slice(Math.min(...indents))).join('\n');
}

/** What is wrong with a snippet, each with file and line: as YAML, as (a part of) a workflow, as a use of this action. */
export function problemsOf({ file, line, text }: Snippet, lint: Lint): string[] {
  const at = (offset: number, message: string) => `${file}:${line + offset - 1}: ${message}`;
  const broken = yamlErrors(text);
  if (broken.length) return broken.map((finding) => at(finding.line, finding.message));
  const frame = frameFor(text);
  if (!frame) return [];
  const { before, indent, after, implied } = frame;
  const shifted = text.split('\n').map((one) => (one.trim() ? ' '.repeat(indent) + one : one));
  const workflow = [...before, ...shifted, ...after, ''].join('\n');
  const inside = (found: number) => Math.min(Math.max(found - before.length, 1), shifted.length);
  return [...lint(workflow, `${file}.yml`), ...misusesIn(workflow, implied)].map((finding) =>
    at(inside(finding.line), finding.message),
  );
}

/** What a fragment lacks to be a workflow. */
interface Frame {
  before: string[];
  indent: number;
  after: string[];
  /** Ids of steps of this action that it takes for granted. */
  implied: string[];
}

export type Kind = 'workflow' | 'jobs' | 'job' | 'strategy' | 'steps' | 'step' | 'inputs' | 'other';

const ON = 'on: push';
const JOBS = [ON, 'jobs:'];
const JOB = [...JOBS, '  e2e:'];
const RUNNER = '    runs-on: ubuntu-latest';
const DONE = "    steps: [{ run: 'true' }]";

/** The smallest workflow that holds a fragment; undefined where it is none of a workflow. */
function frameFor(text: string): Frame | undefined {
  const value = valueOf(text);
  const kind = kindOf(value);
  const lacks = (key: string, lines: string[]) => (isRecord(value) && key in value ? [] : lines);
  const implied = ['steps', 'step', 'inputs'].includes(kind) ? takenForGranted(text) : [];
  const given = implied.flatMap((id) => [`      - uses: ${THIS_ACTION}`, `        id: ${id}`]);
  const steps = [...JOB, RUNNER, '    steps:', ...given];
  const ours = `      - uses: ${THIS_ACTION}`;
  switch (kind) {
    case 'workflow': {
      const jobs = [...JOB.slice(1), RUNNER, DONE];
      return { before: lacks('on', [ON]), indent: 0, after: lacks('jobs', jobs), implied };
    }
    case 'jobs':
      return { before: JOBS, indent: 2, after: [], implied };
    case 'job':
      return { before: [...JOB, ...lacks('runs-on', [RUNNER])], indent: 4, after: lacks('steps', [DONE]), implied };
    case 'strategy':
      return { before: [...JOB, RUNNER, '    strategy:'], indent: 6, after: [DONE], implied };
    case 'steps':
      return { before: steps, indent: 6, after: [], implied };
    case 'step': {
      const isWhole = isRecord(value) && ('uses' in value || 'run' in value);
      return { before: [...steps, isWhole ? '      -' : ours], indent: 8, after: [], implied };
    }
    case 'inputs':
      return { before: [...steps, ours, '        with:'], indent: 10, after: [], implied };
    case 'other':
      return undefined;
  }
}

function valueOf(text: string): unknown {
  const [only, ...others] = [...parseAllDocuments(text)];
  return others.length ? undefined : (only?.toJS() as unknown);
}

/** What a fragment is, by its top keys. */
export function kindOf(value: unknown): Kind {
  if (Array.isArray(value)) return value.some(isStep) ? 'steps' : 'other';
  if (!isRecord(value) || ('apiVersion' in value && 'kind' in value)) return 'other';
  if (isStep(value) || isRecord(value['with'])) return 'step';
  if (isJob(value)) return 'job';
  if (['jobs', 'on', 'permissions', 'concurrency'].some((key) => key in value)) return 'workflow';
  if ('matrix' in value) return 'strategy';
  const keys = Object.keys(value);
  const known = keys.filter((key) => INPUTS.includes(key));
  // values of a chart may have a model or a namespace, too; their names have no hyphens
  if (keys.length && (known.length === keys.length || known.some((key) => key.includes('-')))) return 'inputs';
  return Object.values(value).some(isJob) && Object.values(value).every(isRecord) ? 'jobs' : 'other';
}

const isStep = (value: unknown): boolean =>
  isRecord(value) && (typeof value['uses'] === 'string' || typeof value['run'] === 'string');

function isJob(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { steps, strategy } = value;
  return 'runs-on' in value || Array.isArray(steps) || (isRecord(strategy) && 'matrix' in strategy);
}

/** Ids that a list of steps refers to and does not have: of this action, in the steps before. */
function takenForGranted(text: string): string[] {
  const named = [...text.matchAll(/\bsteps\.([\w-]+)/g)].map(([, id = '']) => id);
  return [...new Set(named)].filter((id) => !new RegExp(`^[\\s-]*id: ['"]?${id}['"]?\\s*$`, 'm').test(text));
}
