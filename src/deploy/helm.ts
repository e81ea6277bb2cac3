import { join } from 'node:path';
import type { ErrorCode } from '../error-codes.js';
import { messageOf, RunError } from '../errors.js';
import { nameOfUrl, namingUrls } from '../named-url.js';
import type { CommandResult, Commands } from '../ports.js';
import type { Chart, ChartFolder } from './chart.js';
import { nameOfSource, type RemoteChart } from './source.js';
import type { Values } from './values.js';

/** The release that Helm makes of a chart. */
export interface ReleaseName {
  release: string;
  namespace: string;
}

/** Helm. Secrets reach it on standard input only, never by --set. */
export class Helm {
  constructor(
    private readonly path: string,
    /** Folder for repositories and caches of our own. */
    private readonly home: string,
    private readonly commands: Commands,
    /** Version of the cluster that there will be, such as 1.34.4; undefined: Helm's own is rendered for. */
    private readonly kubeVersion?: string,
  ) {}

  /** Unpacks a chart into a folder. @throws RunError with Helm's message */
  async fetch(chart: RemoteChart, into: string): Promise<void> {
    const { name, repository, version } = chart;
    const from = [...(repository ? ['--repo', repository] : []), ...(version ? ['--version', version] : [])];
    const plain = ON_THIS_MACHINE.test(name) ? ['--plain-http'] : []; // a registry of the job's own has no certificate
    const result = await this.run(['pull', name, ...from, ...plain, '--untar', '--untardir', into]);
    orThrow(result, 'E_CHART_FETCH', `helm can not fetch the chart ${nameOfSource(chart)}`, REACH);
  }

  /**
   * Fetches the chart's dependencies where one is not there; before it, as far as they can be had, those of local charts that it
   * is made of, which Helm packs as they are. Says what it did.
   */
  async buildDependencies({ needs }: ChartFolder): Promise<string> {
    const chart = needs.at(-1);
    if (!chart) return 'no dependencies';
    if (await this.hasAll(chart.path)) return ALL_THERE;
    const notes: string[] = [];
    for (const local of needs.slice(0, -1)) {
      const why = (await this.hasAll(local.path)) ? undefined : await this.build(local).catch(messageOf);
      if (why !== BUILT && why !== undefined) notes.push(`; of ${local.path}: ${why}`);
    }
    return `dependencies ${await this.build(chart)}${notes.join('')}`;
  }

  private async hasAll(path: string): Promise<boolean> {
    const { code, stdout } = await this.run(['dependency', 'list', path]);
    const rows = stdout
      .trim()
      .split('\n')
      .slice(1)
      .filter((row) => row.includes('\t'));
    return code === 0 && rows.every((row) => /\b(ok|unpacked)\s*$/.test(row));
  }

  private async build({ path, repositories }: ChartFolder['needs'][number]): Promise<string> {
    for (const [index, url] of [...new Set(repositories)].filter((one) => /^https?:/.test(one)).entries()) {
      const added = await this.run(['repo', 'add', `repository-${index}`, url, '--force-update']);
      orThrow(added, 'E_CHART_DEPENDENCY', `helm can not read the chart repository ${nameOfUrl(url)}`, REACH);
    }
    const built = await this.run(['dependency', 'build', path]);
    const isStale = /lock file .* out of sync/.test(built.stderr);
    const last = isStale ? await this.run(['dependency', 'update', path]) : built;
    orThrow(last, 'E_CHART_DEPENDENCY', "helm can not fetch the chart's dependencies", REACH);
    return isStale ? 'updated, as Chart.lock is older than Chart.yaml' : BUILT;
  }

  /** The chart's manifests, hooks and CRDs included. @throws RunError with Helm's message */
  async render(chart: Chart, { release, namespace }: ReleaseName, overlay: Values): Promise<string> {
    const extra = chart.apiVersions.flatMap((version) => ['--api-versions', version]);
    const version = this.kubeVersion === undefined ? [] : ['--kube-version', this.kubeVersion];
    const where = ['--namespace', namespace, '--include-crds', ...version, ...extra];
    const args = ['template', release, chart.path, ...where, ...valuesArgs(chart)];
    return orThrow(await this.run(args, asInput(overlay)), 'E_CHART_RENDER', 'the chart does not render').stdout;
  }

  /** Installs without waiting for workloads; only hooks are waited for. @throws RunError with Helm's message */
  async install(
    chart: Chart,
    { release, namespace, kubeconfig }: ReleaseName & { kubeconfig: string },
    overlay: Values,
    timeoutMs: number,
  ): Promise<void> {
    const where = [
      '--kubeconfig',
      kubeconfig,
      '--namespace',
      namespace,
      '--create-namespace',
      '--timeout',
      `${Math.ceil(timeoutMs / 1000)}s`,
    ];
    const args = ['upgrade', '--install', release, chart.path, ...where, ...valuesArgs(chart)];
    orThrow(await this.run(args, asInput(overlay)), 'E_CHART_INSTALL', 'helm could not install the chart');
  }

  /** Manifest and hooks of an installed release, as YAML, with the key: for programs, never shown. @throws RunError */
  async installed({ release, namespace, kubeconfig }: ReleaseName & { kubeconfig: string }): Promise<string> {
    const parts: string[] = [];
    for (const part of ['manifest', 'hooks']) {
      const result = await this.run(['get', part, release, '--kubeconfig', kubeconfig, '--namespace', namespace]);
      parts.push(orThrow(result, 'E_CHART_INSTALL', `helm does not give back the ${part} that it installed`).stdout);
    }
    return parts.join('\n---\n');
  }

  /** Repositories and caches are ours; a login that the user made before (registry configuration) stays in use. */
  private async run(args: string[], input?: string): Promise<CommandResult> {
    const env = {
      KUBECACHEDIR: join(this.home, 'kube-cache'),
      HELM_CACHE_HOME: join(this.home, 'cache'),
      HELM_REPOSITORY_CACHE: join(this.home, 'cache', 'repository'),
      HELM_REPOSITORY_CONFIG: join(this.home, 'repositories.yaml'),
    };
    const command = { program: this.path, args, env };
    const result = await this.commands.run(input === undefined ? command : { ...command, input });
    return { ...result, stderr: namingUrls(result.stderr) }; // a URL of the user's may be signed
  }
}

const ON_THIS_MACHINE = /^oci:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/;
const REACH =
  'Check name and version, that the runner reaches the repository (HTTPS_PROXY), and its login (helm registry login before this step); or commit the charts.';
const BY_HAND = 'Run helm with the same chart and values by hand, and correct what it names.';
const BUILT = 'built';
/** What is said where nothing had to be fetched. */
export const ALL_THERE = 'all dependencies are there';

function valuesArgs({ files }: Chart): string[] {
  return [...files.paths.flatMap((file) => ['--values', file]), '--values', '-'];
}

/** Lines of Helm's error, and characters of them that a message shows. */
const MOST_LINES = 6;
const LONGEST = 700;

function orThrow(result: CommandResult, code: ErrorCode, what: string, otherwise = BY_HAND): CommandResult {
  if (result.code === 0) return result;
  const lines = result.stderr
    .trim()
    .split('\n')
    .filter((line) => !/^(WARNING|level=)/.test(line));
  const said = errorIn(lines);
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(said));
  const fix = meaning?.fix ?? otherwise;
  throw new RunError(meaning?.code ?? code, 'chart', `${what}: ${said}`, fix, { evidence: lines.slice(-10) });
}

/** Helm's error, with the lines behind it: where a template breaks, and what a schema refuses, stand there. */
function errorIn(lines: string[]): string {
  const at = lines.findIndex((line) => line.startsWith('Error:'));
  if (at < 0) return lines.at(-1) ?? '';
  const error = lines.slice(at, at + MOST_LINES);
  const end = error.findIndex((line) => line.startsWith('Use --debug'));
  return (end < 0 ? error : error.slice(0, end))
    .map((line) => line.trim())
    .filter(Boolean)
    .join(' ')
    .replace(/^Error:\s*/, '')
    .slice(0, LONGEST);
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
