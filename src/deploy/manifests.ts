import { resolve } from 'node:path';
import { messageOf, RunError } from '../errors.js';
import { pause } from '../pause.js';
import type { Files, Place, Ports } from '../ports.js';
import { DownloadFailure } from '../provision/download-failure.js';
import { readIfThere } from './chart.js';
import type { Kubectl } from './kubectl.js';
import { podSpecOf, readObjects, type KubeObject } from './objects.js';
import { awaitDefinitions } from './stubs.js';

/** Manifests of the user's own, applied before the chart is installed: operators, policies, Secrets. */
export interface Manifests {
  /** In their order: as the input names them, and where kubectl finds them, an absolute path or a URL. */
  places: { name: string; at: string }[];
  /** What they hold, as far as they were read. */
  objects: KubeObject[];
  /** Whether they may bring what nobody has seen: some are URLs that were not read, or bring an operator. */
  unseen: boolean;
}

/** @throws RunError where a file is missing or no manifest */
export async function readManifests(names: string[], workspace: string, files: Files): Promise<Manifests> {
  const objects: KubeObject[] = [];
  const places: Manifests['places'] = [];
  for (const name of names) {
    if (isUrl(name)) {
      places.push({ name, at: name });
      continue;
    }
    const path = resolve(workspace, name);
    const text = await readIfThere(files, path, { input: 'pre-install-manifests', name });
    if (text === undefined)
      throw new RunError(
        'E_WORKSPACE',
        'inputs',
        `input pre-install-manifests: there is no file ${name} in the workspace`,
        'Write paths relative to the workspace, or https URLs, one a line.',
      );
    objects.push(...objectsIn(text, name));
    places.push({ name, at: path });
  }
  return { places, objects, unseen: names.some(isUrl) };
}

/**
 * The same with what its URLs hold, fetched into a folder: what is judged is what is applied. One that can not be had now is left
 * to kubectl.
 * @returns and what is not known, in sentences
 * @throws RunError where there is no such manifest
 */
export async function fetchManifests(
  brought: Manifests,
  folder: string,
  ports: Pick<Ports, 'files' | 'toolCache'>,
): Promise<{ brought: Manifests; notes: string[] }> {
  const read = await Promise.all(brought.places.map((place) => readPlace(place, folder, ports)));
  const objects = read.flatMap((one) => one.objects);
  const notes = read.flatMap(({ note }) => note ?? []);
  const unseen = notes.length > 0 || objects.some((object) => podSpecOf(object) !== undefined);
  const places = read.map(({ place }) => place);
  return { brought: { places, objects: [...brought.objects, ...objects], unseen }, notes };
}

async function readPlace(
  place: Manifests['places'][number],
  folder: string,
  { files, toolCache }: Pick<Ports, 'files' | 'toolCache'>,
): Promise<{ place: Manifests['places'][number]; objects: KubeObject[]; note?: string }> {
  const { name, at } = place;
  if (!isUrl(at)) return { place, objects: [] }; // a file, which was read
  try {
    const path = await toolCache.download(at, folder);
    return { place: { name, at: path }, objects: objectsIn((await files.read(path)) ?? '', name) };
  } catch (error) {
    if (!(error instanceof DownloadFailure)) throw error;
    const { message, status } = error;
    if (status === 404 || status === 410) throw refuse(`${name} can not be fetched: ${message}`, 'Correct the URL.');
    const note = `${name} could not be read ahead (${message}): what the chart renders where its kinds are served is not known`;
    return { place, objects: [], note };
  }
}

/** @throws RunError where a text is no manifest, with its place where it is a file */
function objectsIn(text: string, name: string): KubeObject[] {
  const at = (line?: number) => (isUrl(name) ? undefined : { file: name, ...(line !== undefined && { line }) });
  if (/^\s*<(!doctype|html)/i.test(text)) throw refuse(`${name} is a web page, and no manifest`, RAW, at());
  const objects = readObjects(text, (what, line) =>
    refuse(`${name} is not valid YAML at line ${line}: ${what}`, 'Correct it there.', at(line)),
  );
  if (objects.length) return objects;
  throw refuse(`${name} has no object of Kubernetes in it`, 'Leave it out, or check what it is.', at());
}

const RAW = 'Write the URL of the file itself; on GitHub it is the one behind "Raw".';

function refuse(what: string, fix: string, place?: Place): RunError {
  return new RunError('E_PRE_INSTALL', 'inputs', `input pre-install-manifests: ${what}`, fix, { place });
}

function isUrl(name: string): boolean {
  return /^https:\/\//.test(name);
}

/** Looks at what the manifests bring up, each as long as a call of kubectl may take. */
const LOOKS = 10;
const LOOK_S = 50;
/** ms between two attempts to apply, while the API server learns of a new kind. */
const PAUSE_MS = 1000;
const ATTEMPTS = 5;

/** Applies the manifests, and waits until their kinds are served and their Deployments are available. @throws RunError */
export async function applyManifests(
  { places }: Manifests,
  namespace: string,
  kubectl: Kubectl,
  signal: AbortSignal,
): Promise<void> {
  if (!places.length) return;
  // the default of what names no namespace; with --namespace kubectl refuses what names another
  await kubectl.clusterText('config', 'set-context', '--current', `--namespace=${namespace}`);
  for (const place of places) await applyOne(place, kubectl, signal);
  await awaitDefinitions(kubectl, signal);
  const wait = [
    'wait',
    '--for=condition=Available',
    '--all',
    '--all-namespaces',
    `--timeout=${LOOK_S}s`,
    'deployments',
  ];
  for (let look = 1; ; look += 1) {
    try {
      await kubectl.clusterText(...wait);
      return;
    } catch (error) {
      if (look === LOOKS || !/timed out/.test(messageOf(error)))
        throw failed('what they bring up does not get available', error);
      signal.throwIfAborted();
    }
  }
}

/** A manifest may hold a kind and an object of it, which the API server takes a moment later. */
async function applyOne(
  { name, at }: Manifests['places'][number],
  kubectl: Kubectl,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await kubectl.clusterText('apply', '--server-side', '--field-manager=maas-e2e-action', '-f', at);
      return;
    } catch (error) {
      const isNew = /no matches for kind|ensure CRDs are installed first|failed calling webhook/.test(messageOf(error));
      if (!isNew || attempt === ATTEMPTS) throw failed(`${name} can not be applied`, error);
      await pause(PAUSE_MS, signal);
    }
  }
}

function failed(what: string, error: unknown): RunError {
  return new RunError(
    'E_PRE_INSTALL',
    'chart',
    `pre-install-manifests: ${what}: ${messageOf(error)}`,
    'Correct the manifest; what it needs (a namespace, a kind) must be made before it, by an earlier line.',
    { cause: error },
  );
}
