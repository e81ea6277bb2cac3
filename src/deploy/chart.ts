import { basename, dirname, join, resolve } from 'node:path';
import { items, member, text } from '../json.js';
import { messageOf, RunError } from '../errors.js';
import type { Files } from '../ports.js';
import type { ChartSource } from './source.js';
import { Unreadable } from '../unreadable.js';
import { LARGEST, parseValues, type ValuesSource } from './values.js';

export interface ChartInputs {
  chart: ChartSource;
  release: string;
  namespace: string;
  /** Relative to the workspace, in the order in which they apply. */
  valuesFiles: string[];
  /** The last overlay. */
  setValues: ValuesSource;
}

/** A chart as it lies in a folder, read before anything is built. */
export interface ChartFolder {
  path: string;
  name: string;
  /** What it is made of; `alias` is the name under which its values are. */
  dependencies: { name: string; alias: string }[];
  /** Its own values.yaml. */
  defaults: ValuesSource;
  /** Folders whose dependencies are needed, those that others need first, the chart itself last. */
  needs: { path: string; repositories: string[] }[];
}

/** The user's values files. */
export interface ValuesFiles {
  /** As absolute paths. */
  paths: string[];
  /** What is in them, in their order. */
  overlays: ValuesSource[];
}

/** A chart with the user's values: what is known of it before Helm sees it. */
export interface Chart extends ChartFolder {
  files: ValuesFiles;
  /** What the cluster will serve beyond Kubernetes' own, for charts that look: group/version and group/version/Kind. */
  apiVersions: string[];
}

/** How deep local charts that need local charts are followed. */
const DEEPEST = 5;

/**
 * @param shown how the folder is named in messages
 * @throws RunError where it is no chart
 */
export async function readChart(path: string, shown: string, files: Files): Promise<ChartFolder> {
  const manifest = await readOf(path, shown, 'Chart.yaml', files);
  if (manifest === undefined) {
    throw new RunError(
      'E_WORKSPACE',
      'inputs',
      `input chart: there is no ${shown}/Chart.yaml in the workspace`,
      'Check the path; it is relative to the workspace, and actions/checkout must have run before.',
    );
  }
  const written = (await readOf(path, shown, 'values.yaml', files)) ?? '';
  const { name } = parseValues(manifest, `${shown}/Chart.yaml`);
  const dependencies = await readDependencies(path, shown, manifest, files);
  return {
    path,
    name: text(name),
    dependencies: dependencies.map((entry) => {
      const dependency = text(member(entry, 'name'));
      return { name: dependency, alias: text(member(entry, 'alias')) || dependency };
    }),
    defaults: source(`${shown}/values.yaml`, written),
    needs: await findNeeds(path, shown, manifest, files, DEEPEST),
  };
}

/** The chart in the folder that Helm unpacked one into. @throws RunError where there is none */
export async function readFetched(unpacked: string, shown: string, files: Files): Promise<ChartFolder> {
  const manifests = (await files.list(unpacked)).filter((path) => basename(path) === 'Chart.yaml');
  const [manifest = join(unpacked, 'Chart.yaml')] = manifests.sort((a, b) => a.length - b.length);
  return await readChart(dirname(manifest), shown, files);
}

/** @throws RunError where a values file is missing or unreadable */
export async function readValuesFiles(names: string[], workspace: string, files: Files): Promise<ValuesFiles> {
  const overlays: ValuesSource[] = [];
  for (const name of names) {
    const content = await readIfThere(files, resolve(workspace, name), { input: 'values-file', name }, LARGEST);
    if (content === undefined)
      throw new RunError(
        'E_WORKSPACE',
        'inputs',
        `input values-file: there is no ${name} in the workspace`,
        'Check the path; it is relative to the workspace.',
      );
    overlays.push(source(`values file ${name}`, content));
  }
  return { paths: names.map((name) => resolve(workspace, name)), overlays };
}

/** Helm builds the dependencies of a chart, and not those of the charts beside it that it is made of. */
async function findNeeds(
  path: string,
  shown: string,
  manifest: string,
  files: Files,
  depth: number,
): Promise<ChartFolder['needs']> {
  const entries = await readDependencies(path, shown, manifest, files);
  const repositories = entries.map((entry) => text(member(entry, 'repository')));
  if (!repositories.length) return [];
  const beside = repositories.flatMap((url) => (url.startsWith('file://') ? [url.slice('file://'.length)] : []));
  const below: ChartFolder['needs'] = [];
  for (const folder of depth > 0 ? beside : []) {
    const at = join(path, folder);
    const its = await readOf(at, join(shown, folder), 'Chart.yaml', files);
    if (its !== undefined) below.push(...(await findNeeds(at, join(shown, folder), its, files, depth - 1)));
  }
  return [...below, { path, repositories }];
}

/** Charts of the first API version have them in a file of their own: https://helm.sh/docs/topics/charts/#the-apiversion-field */
async function readDependencies(path: string, shown: string, manifest: string, files: Files): Promise<unknown[]> {
  const own = items(parseValues(manifest, `${shown}/Chart.yaml`)['dependencies']);
  const older = (await readOf(path, shown, 'requirements.yaml', files)) ?? '';
  return [...own, ...items(parseValues(older, `${shown}/requirements.yaml`)['dependencies'])];
}

/** A file of a chart. @throws RunError where it can not be read */
async function readOf(path: string, shown: string, file: string, files: Files): Promise<string | undefined> {
  const named = { input: 'chart', name: `${shown}/${file}` };
  try {
    return await readIfThere(files, join(path, file), named, LARGEST);
  } catch (error) {
    const isFile = error instanceof RunError && error.cause instanceof Unreadable && error.cause.code === 'ENOTDIR';
    if (!isFile) throw error;
    const fix = 'Write the path of the folder that has Chart.yaml in it, or the address of a packed chart.';
    throw new RunError('E_WORKSPACE', 'inputs', `input chart: ${shown} is a file, not a folder`, fix, { cause: error });
  }
}

/** @throws RunError where it can not be read as values */
function source(where: string, text: string): ValuesSource {
  parseValues(text, where);
  return { where, text };
}

/** How messages name a file. */
export interface Named {
  input: string;
  /** As the user wrote it. */
  name: string;
}

/** The text of a file, or undefined where there is none. @throws RunError where it can not be read */
export async function readIfThere(
  files: Files,
  path: string,
  { input, name }: Named,
  mostBytes?: number,
): Promise<string | undefined> {
  try {
    return await files.read(path, mostBytes);
  } catch (error) {
    if (error instanceof RunError) throw error;
    const known = error instanceof Unreadable ? error : undefined;
    const what = known?.message ?? `can not be read: ${messageOf(error)}`;
    const fix = known?.fix ?? 'Check that it is a file, and its permissions.';
    throw new RunError('E_WORKSPACE', 'inputs', `input ${input}: ${name} ${what}`, fix, { cause: error });
  }
}
