import { resolve } from 'node:path';
import { messageOf, RunError } from '../errors.js';
import { nameOfUrl } from '../named-url.js';
import { pause } from '../pause.js';
import type { Files, Place, Ports } from '../ports.js';
import { DownloadFailure } from '../provision/download-failure.js';
import { fetchFile, type FetchMeans } from '../provision/fetch.js';
import { readIfThere } from './chart.js';
import type { Kubectl } from './kubectl.js';
import { podSpecOf, readObjects, type KubeObject } from './objects.js';
import { awaitDefinitions } from './stubs.js';

/** Where a manifest is. */
export interface ManifestPlace {
  /** As messages name it: a path in the workspace, or a URL without its query. */
  name: string;
  /** An absolute path, or a URL. */
  at: string;
  /** SHA-256 that the input gives for a URL; undefined: none. */
  digest?: string | undefined;
}

/** Manifests of the user's own, applied before the chart is installed: operators, policies, Secrets. */
export interface Manifests {
  /** In their order. */
  places: ManifestPlace[];
  /** What they hold, as far as they were read. */
  objects: KubeObject[];
  /** Whether they may bring what nobody has seen: some are URLs that were not read, or bring an operator. */
  unseen: boolean;
}

/** @throws RunError where a file is missing or no manifest, or a URL is not one to fetch a manifest from */
export async function readManifests(names: string[], workspace: string, files: Files): Promise<Manifests> {
  const objects: KubeObject[] = [];
  const places: ManifestPlace[] = [];
  for (const name of names) {
    if (isUrl(name)) {
      places.push(placeOfUrl(name));
      continue;
    }
    const path = resolve(workspace, name);
    const text = await readIfThere(files, path, { input: 'pre-install-manifests', name });
    if (text === undefined)
      throw new RunError(
        'E_WORKSPACE',
        'inputs',
        `input pre-install-manifests: there is no file ${name} in the workspace`,
        'Write paths relative to the workspace, or https URLs, one per line.',
      );
    objects.push(...objectsIn(text, name));
    places.push({ name, at: path });
  }
  return { places, objects, unseen: names.some(isUrl) };
}

const DIGEST = /#sha256=([0-9a-f]{64})$/i;

/** @throws RunError for a URL that others can read or change on the way, holds credentials, or has something else behind the # */
function placeOfUrl(text: string): ManifestPlace {
  const name = nameOfUrl(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') throw refuse(`${name} is not an https URL`, 'Write it as https://…', undefined);
  if (url.username || url.password)
    throw refuse(`${name} holds credentials`, 'Fetch it in a step of your own, and name the file.');
  const digest = DIGEST.exec(text)?.[1]?.toLowerCase();
  if (url.hash && digest === undefined)
    throw refuse(`${name} has something else than a digest behind its #`, 'Write #sha256= and 64 hexadecimal digits.');
  return { name, at: text.replace(/#.*$/s, ''), digest };
}

/** Upper limit of a manifest that is fetched, in bytes. */
const MOST_BYTES = 16_000_000;

/** What fetching needs. */
export type ManifestMeans = Pick<Ports, 'files'> & FetchMeans;

/**
 * The same with what its URLs hold, fetched into a folder: what is judged is what is applied.
 * @returns and what should be known of where they come from, in sentences
 * @throws RunError where a manifest cannot be had, or does not have the digest that the input gives
 */
export async function fetchManifests(
  brought: Manifests,
  folder: string,
  means: ManifestMeans,
): Promise<{ brought: Manifests; securityNotes: string[] }> {
  const read = await Promise.all(brought.places.map((place) => readPlace(place, folder, means)));
  const objects = read.flatMap((one) => one.objects);
  const securityNotes = read.flatMap(({ note }) => note ?? []);
  const unseen = objects.some((object) => podSpecOf(object) !== undefined);
  const places = read.map(({ place }) => place);
  return { brought: { places, objects: [...brought.objects, ...objects], unseen }, securityNotes };
}

async function readPlace(
  place: ManifestPlace,
  folder: string,
  means: ManifestMeans,
): Promise<{ place: ManifestPlace; objects: KubeObject[]; note?: string }> {
  const { name, at, digest } = place;
  if (!isUrl(at)) return { place, objects: [] }; // a file, which was read
  const path = await fetched(place, folder, means);
  const got = (await means.files.sha256(path)) ?? '';
  if (digest !== undefined && digest !== got)
    throw new RunError(
      'E_CHECKSUM',
      'inputs',
      `input pre-install-manifests: ${name} has SHA-256 ${got}, expected ${digest}`,
      'Look at what was changed there; then write the new digest behind its URL.',
    );
  const objects = objectsIn((await means.files.read(path)) ?? '', name);
  const pin = `input pre-install-manifests: ${name} has no digest, so that whoever can change it there decides what the cluster runs. Fix: append #sha256=${got} to its URL.`;
  return { place: { name, at: path }, objects, ...(digest === undefined && { note: pin }) };
}

/** @throws RunError where it cannot be had: kubectl would be given something else later, or nothing either */
async function fetched({ name, at }: ManifestPlace, folder: string, means: ManifestMeans): Promise<string> {
  try {
    return await fetchFile(at, { folder, mostBytes: MOST_BYTES }, means);
  } catch (error) {
    if (!(error instanceof DownloadFailure)) throw error;
    throw refuse(`${name} cannot be fetched: ${error.message}`, 'Check the URL, and that the runner reaches it.');
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
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(name);
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
async function applyOne({ name, at }: ManifestPlace, kubectl: Kubectl, signal: AbortSignal): Promise<void> {
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
