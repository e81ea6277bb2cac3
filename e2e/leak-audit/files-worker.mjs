// The thread that reads files.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parentPort, workerData } from 'node:worker_threads';
import { createScanner } from './forms.mjs';

/** ms between two looks while a step runs. */
const LOOK_MS = 200;
/** Larger files are downloads of tools: they are read when they rest. */
const LARGE = 4 * 2 ** 20;

const { key, places, temp, except } = workerData;
const scanner = createScanner(key);
const scanned = new Set(); // path, time, size of what was read
const seen = { files: new Set(), bytes: 0, looks: 0 };
const findings = new Map();
let timer;

parentPort.on('message', (what) => {
  if (what === 'watch') {
    lookAtAll(LARGE);
    timer = setInterval(() => lookAtAll(LARGE), LOOK_MS);
  } else if (what === 'stop') {
    clearInterval(timer);
  } else {
    lookAtAll(Infinity);
    if (what === 'after post')
      for (const name of list(temp).filter((entry) => !entry.startsWith('maas-e2e-report-')))
        note(`RUNNER_TEMP/${name}`, 'is left after post');
  }
  parentPort.postMessage({
    scanned: seen.files.size,
    bytes: seen.bytes,
    looks: seen.looks,
    findings: [...findings.values()],
  });
  if (what === 'stop') parentPort.close();
});

function lookAtAll(largest) {
  seen.looks += 1;
  for (const [name, folder] of Object.entries(places))
    walk(folder, (path, stats) => look(`${name}/${relative(folder, path)}`, path, stats, largest));
}

function look(place, path, stats, largest) {
  if (except.includes(path)) return;
  checkMode(place, path, stats);
  if (!stats.isFile()) return;
  const version = `${path} ${stats.mtimeMs} ${stats.size} ${stats.ino}`;
  if (scanned.has(version) || stats.size > largest) return;
  scanned.add(version);
  const bytes = read(path);
  if (!bytes) return;
  seen.files.add(path);
  seen.bytes += bytes.length;
  for (const [where, text] of [
    [place, bytes],
    [`${place} (unpacked)`, unpacked(bytes)],
    [`the name of ${place}`, Buffer.from(place)],
  ])
    for (const { form, at } of scanner.scan(text)) note(safe(where), form, at);
}

/** RUNNER_TEMP is the job's own here: everything in it is the action's. */
function checkMode(place, path, stats) {
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  if (join(temp, relative(temp, path).split('/')[0]) === path && path.startsWith(`${temp}/`)) {
    if (!stats.isDirectory()) note(place, 'is a file directly in RUNNER_TEMP');
    else if (mode !== '0700') note(place, `has mode ${mode}`);
  } else if (path.startsWith(`${temp}/`) && isWrittenByTheAction(relative(temp, path)) && stats.isFile()) {
    if (mode !== '0600') note(place, `has mode ${mode}`);
  }
}

function isWrittenByTheAction(path) {
  return /^maas-e2e-report-\w+\/(report\.json|diagnostics\/)|^maas-e2e-\w+\/(kubeconfig|owner\/\w+)$/.test(path);
}

function note(place, form, at) {
  findings.set(`${place} ${form}`, { place, form, at });
}

/** A name that holds the key is not printed. */
function safe(place) {
  return scanner.holds(place) ? 'a file whose name holds the key' : place;
}

function walk(folder, visit) {
  for (const name of list(folder)) {
    const path = join(folder, name);
    const stats = statOf(path);
    if (!stats) continue;
    visit(path, stats);
    if (stats.isDirectory()) walk(path, visit);
  }
}

function unpacked(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return Buffer.alloc(0);
  try {
    return gunzipSync(bytes);
  } catch {
    return Buffer.alloc(0); // it is still being written
  }
}

// what is there at one moment may be gone at the next

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function statOf(path) {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
