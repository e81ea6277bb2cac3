import { join } from 'node:path';
import { messageOf, RunError } from '../errors.js';
import { pause } from '../pause.js';
import type { Files } from '../ports.js';
import { readIfThere } from './chart.js';
import type { Kubectl } from './kubectl.js';
import { readObjects, type KubeObject } from './objects.js';
import { awaitDefinitions } from './stubs.js';

/** Manifests of the user's own, applied before the chart is installed: operators, policies, Secrets. */
export interface Manifests {
  /** Absolute paths and URLs, in their order. */
  places: string[];
  /** What the files hold. */
  objects: KubeObject[];
  /** Whether some are URLs: nobody has seen what they hold. */
  unseen: boolean;
}

/** @throws RunError where a file is missing or no YAML */
export async function readManifests(names: string[], workspace: string, files: Files): Promise<Manifests> {
  const objects: KubeObject[] = [];
  const places: string[] = [];
  for (const name of names) {
    if (isUrl(name)) {
      places.push(name);
      continue;
    }
    const path = join(workspace, name);
    const text = await readIfThere(files, path);
    if (text === undefined)
      throw new RunError(
        'E_WORKSPACE',
        'inputs',
        `input pre-install-manifests: there is no file ${name} in the workspace`,
        'Write paths relative to the workspace, or https URLs, one a line.',
      );
    objects.push(...readObjects(text, `the manifest ${name} is`));
    places.push(path);
  }
  return { places, objects, unseen: names.some(isUrl) };
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
async function applyOne(place: string, kubectl: Kubectl, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await kubectl.clusterText('apply', '--server-side', '--field-manager=maas-e2e-action', '-f', place);
      return;
    } catch (error) {
      const isNew = /no matches for kind|ensure CRDs are installed first|failed calling webhook/.test(messageOf(error));
      if (!isNew || attempt === ATTEMPTS) throw failed(`${place} can not be applied`, error);
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
