import { items, member, text } from '../json.js';
import { join } from 'node:path';
import type { ErrorCode } from '../error-codes.js';
import { RunError } from '../errors.js';
import type { CommandResult, Commands, Files } from '../ports.js';
import { parseValues, type Values, type ValuesSource } from './values.js';

export interface DeployInputs {
  /** Folder of the chart, relative to the workspace. */
  chart: string;
  release: string;
  namespace: string;
  /** Relative to the workspace, in the order in which they apply. */
  valuesFiles: string[];
  /** The last overlay. */
  setValues: ValuesSource;
}

/** A chart as it lies in the workspace, read before anything is built. */
export interface Chart {
  path: string;
  /** Values files, as absolute paths. */
  valuesFiles: string[];
  /** The chart's own values.yaml, and the values files in their order: what is known of the values before Helm sees them. */
  defaults: ValuesSource;
  overlays: ValuesSource[];
  dependencies: { name: string; repository: string }[];
}

/** @throws RunError where the chart, or a values file, is missing or unreadable */
export async function readChart(inputs: DeployInputs, workspace: string, files: Files): Promise<Chart> {
  const path = join(workspace, inputs.chart);
  const manifest = await readIfThere(files, join(path, 'Chart.yaml'));
  if (manifest === undefined) {
    throw new RunError(
      'E_WORKSPACE',
      'inputs',
      `input chart: there is no ${inputs.chart}/Chart.yaml in the workspace`,
      'Check the path; it is relative to the workspace, and actions/checkout must have run before.',
    );
  }
  const dependencies = items(parseValues(manifest, `${inputs.chart}/Chart.yaml`)['dependencies']).map((entry) => ({
    name: text(member(entry, 'name')),
    repository: text(member(entry, 'repository')),
  }));
  const written = (await readIfThere(files, join(path, 'values.yaml'))) ?? '';
  const defaults = source(`${inputs.chart}/values.yaml`, written);
  const overlays: ValuesSource[] = [];
  for (const file of inputs.valuesFiles) {
    const content = await readIfThere(files, join(workspace, file));
    if (content === undefined)
      throw new RunError(
        'E_WORKSPACE',
        'inputs',
        `input values-file: there is no ${file} in the workspace`,
        'Check the path; it is relative to the workspace.',
      );
    overlays.push(source(`values file ${file}`, content));
  }
  return {
    path,
    valuesFiles: inputs.valuesFiles.map((file) => join(workspace, file)),
    defaults,
    overlays,
    dependencies,
  };
}

/** @throws RunError where it can not be read as values */
function source(where: string, text: string): ValuesSource {
  parseValues(text, where);
  return { where, text };
}

async function readIfThere(files: Files, path: string): Promise<string | undefined> {
  try {
    return await files.read(path);
  } catch (error) {
    throw new RunError(
      'E_WORKSPACE',
      'inputs',
      `${path} can not be read: ${(error as Error).message}`,
      'Check that it is a file, and its permissions.',
      { cause: error },
    );
  }
}

/** Helm, bound to one release of one chart. Secrets reach it on standard input only, never by --set. */
export class Helm {
  constructor(
    private readonly path: string,
    /** Folder for repositories and caches of our own. */
    private readonly home: string,
    private readonly chart: Chart,
    private readonly target: { release: string; namespace: string },
    private readonly commands: Commands,
  ) {}

  /** Fetches the chart's dependencies where its charts/ lacks one. Says what it did. */
  async buildDependencies(): Promise<string> {
    if (!this.chart.dependencies.length) return 'no dependencies';
    const listed = await this.run(['dependency', 'list', this.chart.path]);
    const rows = listed.stdout
      .trim()
      .split('\n')
      .slice(1)
      .filter((row) => row.includes('\t'));
    if (rows.every((row) => /\b(ok|unpacked)\s*$/.test(row))) return 'all dependencies are there';
    const repositories = [...new Set(this.chart.dependencies.map(({ repository }) => repository))].filter((url) =>
      /^https?:/.test(url),
    );
    for (const [index, url] of repositories.entries()) {
      this.orThrow(
        await this.run(['repo', 'add', `repository-${index}`, url]),
        'E_CHART_DEPENDENCY',
        `helm can not read the chart repository ${url}`,
      );
    }
    this.orThrow(
      await this.run(['dependency', 'build', this.chart.path]),
      'E_CHART_DEPENDENCY',
      "helm can not fetch the chart's dependencies",
    );
    return 'dependencies built';
  }

  /** The chart's manifests, hooks and CRDs included. @throws RunError with Helm's message */
  async render(overlay: Values): Promise<string> {
    const { release, namespace } = this.target;
    const args = [
      'template',
      release,
      this.chart.path,
      '--namespace',
      namespace,
      '--include-crds',
      ...this.valuesArgs(),
    ];
    return this.orThrow(await this.run(args, asInput(overlay)), 'E_CHART_RENDER', 'the chart does not render').stdout;
  }

  /** Installs without waiting for workloads; only hooks are waited for. @throws RunError with Helm's message */
  async install(kubeconfig: string, overlay: Values, timeoutMs: number): Promise<void> {
    const { release, namespace } = this.target;
    const where = [
      '--kubeconfig',
      kubeconfig,
      '--namespace',
      namespace,
      '--create-namespace',
      '--timeout',
      `${Math.ceil(timeoutMs / 1000)}s`,
    ];
    const args = ['upgrade', '--install', release, this.chart.path, ...where, ...this.valuesArgs()];
    this.orThrow(await this.run(args, asInput(overlay)), 'E_CHART_INSTALL', 'helm could not install the chart');
  }

  private valuesArgs(): string[] {
    return [...this.chart.valuesFiles.flatMap((file) => ['--values', file]), '--values', '-'];
  }

  /** Repositories and caches are ours; a login that the user made before (registry configuration) stays in use. */
  private run(args: string[], input?: string): Promise<CommandResult> {
    const env = {
      KUBECACHEDIR: join(this.home, 'kube-cache'),
      HELM_CACHE_HOME: join(this.home, 'cache'),
      HELM_REPOSITORY_CACHE: join(this.home, 'cache', 'repository'),
      HELM_REPOSITORY_CONFIG: join(this.home, 'repositories.yaml'),
    };
    const command = { program: this.path, args, env };
    return this.commands.run(input === undefined ? command : { ...command, input });
  }

  private orThrow(result: CommandResult, code: ErrorCode, what: string): CommandResult {
    if (result.code === 0) return result;
    const lines = result.stderr
      .trim()
      .split('\n')
      .filter((line) => !/^(WARNING|level=)/.test(line));
    const said = (lines.find((line) => line.startsWith('Error:')) ?? lines.at(-1) ?? '').replace(/^Error:\s*/, '');
    const meaning = MEANINGS.find(({ pattern }) => pattern.test(said));
    const fix = meaning?.fix ?? 'Run helm with the same chart and values by hand, and correct what it names.';
    throw new RunError(meaning?.code ?? code, 'chart', `${what}: ${said}`, fix, { evidence: lines.slice(-10) });
  }
}

/** What Helm hands on of the API server and of the system. */
const MEANINGS: { pattern: RegExp; code: ErrorCode; fix: string }[] = [
  {
    pattern: /exceeded quota|maximum .* usage per|minimum .* usage per/,
    code: 'E_QUOTA',
    fix: 'Lower the requests in the values, or raise quota and limits of the namespace.',
  },
  {
    pattern: /admission webhook|ValidatingAdmissionPolicy|violates PodSecurity|is forbidden/,
    code: 'E_ADMISSION',
    fix: 'Change what the policy names, or leave the policy out of the end-to-end values.',
  },
  {
    pattern: /no space left on device/,
    code: 'E_DISK_FULL',
    fix: 'Free disk space on the runner, or use a larger one.',
  },
  {
    pattern: /read-only file system|permission denied/,
    code: 'E_WORKSPACE',
    fix: "Helm writes fetched dependencies into the chart's folder: make it writable, or commit its charts/.",
  },
];

/** JSON, which is YAML with every string in quotes: Helm reads YAML 1.1, where 1234_5678, 0b10 and yes are no strings. */
function asInput(overlay: Values): string {
  return JSON.stringify(overlay);
}
