// The thread that reads /proc. https://man7.org/linux/man-pages/man5/proc.5.html
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { createScanner } from './forms.mjs';

/** ms between two looks. */
const LOOK_MS = 5;
/** Ages in ms at which a process that is not the action's is looked at; later at each LATER_MS. */
const OTHERS_AT = [0, 20, 100];
/** A young process is looked at each time: it has a program of its own only after exec. */
const YOUNG_MS = 150;
const LATER_MS = 400;
/** Every process of a run has it in its environment, also when its parent has ended; other runs may go on beside this one. */
const MARK = /(?:^|\0)(MAAS_E2E_RUN=[^\0]*)/;

const scanner = createScanner(workerData.key);
const marks = new Set(); // those of the run that is followed
const steps = new Map(); // pid → command line of a step process
const known = new Map(); // pid → what is known of it
const seen = { commandLines: new Set(), environments: new Set(), processes: 0, looks: 0 };
const found = { commandLines: new Map(), environments: new Map(), notes: new Set() };
const hostNamespace = link('self');

parentPort.on('message', ({ follow, stop }) => {
  if (follow) steps.set(follow, undefined);
  if (stop) {
    look();
    clearInterval(timer);
    parentPort.postMessage({
      looks: seen.looks,
      processes: seen.processes,
      commandLines: { scanned: seen.commandLines.size, findings: [...found.commandLines.values()] },
      environments: { scanned: seen.environments.size, findings: [...found.environments.values()] },
      notes: [...found.notes],
    });
    parentPort.close();
  }
});
look();
const timer = setInterval(look, LOOK_MS);
parentPort.postMessage('looks');

function look() {
  seen.looks += 1;
  const now = performance.now();
  for (const pid of readdirSync('/proc')) {
    if (pid.charCodeAt(0) > 57) continue;
    const entry = known.get(pid) ?? { since: now, next: 0, looks: 0, ours: false };
    known.set(pid, entry);
    if (now < entry.next) continue;
    visit(Number(pid), entry);
    const age = now - entry.since;
    const young = entry.ours ? age < YOUNG_MS : entry.looks < OTHERS_AT.length;
    entry.next = young ? (entry.ours ? 0 : entry.since + OTHERS_AT[entry.looks]) : now + LATER_MS;
  }
}

function visit(pid, entry) {
  entry.looks += 1;
  const [parent, started] = stat(pid);
  if (entry.started !== undefined && started !== entry.started)
    Object.assign(entry, { since: performance.now(), looks: 1, ours: false });
  entry.started = started;
  // the command line first: one that is no longer the step's means that the environment is not either
  const commandLine = read(`/proc/${pid}/cmdline`);
  if (steps.has(pid)) return void (steps.get(pid) ?? (commandLine && steps.set(pid, commandLine)));
  if (!commandLine || [...steps.values()].includes(commandLine)) return; // before exec it is a copy of the step
  const environment = read(`/proc/${pid}/environ`);
  const [, mark] = MARK.exec(environment) ?? [];
  const ours = entry.ours || isOurs(parent) || marks.has(mark);
  if (ours && mark) marks.add(mark);
  if (ours && !entry.ours) seen.processes += 1;
  entry.ours = ours;
  const program = basename(commandLine.split('\0')[0].split(' ')[0]);
  if (!ours) return other(pid, program, commandLine);
  if (!seen.commandLines.has(commandLine)) {
    seen.commandLines.add(commandLine);
    take(found.commandLines, commandLine, (index) => `${program}, argument ${index}`);
  }
  const text = `${program}\0${environment}`;
  if (environment && !seen.environments.has(text)) {
    seen.environments.add(text);
    take(found.environments, environment, (_, part) => `${program}, ${part.split('=')[0]}`);
  }
}

function isOurs(parent) {
  return steps.has(parent) || known.get(String(parent))?.ours === true;
}

/** What a chart does in its own containers is its own doing, and told. */
function other(pid, program, commandLine) {
  if (!scanner.holds(commandLine)) return;
  if (link(pid) !== hostNamespace) found.notes.add(`${program} in a container has the key on its command line`);
  else take(found.commandLines, commandLine, (index) => `${program} (not started by the action), argument ${index}`);
}

function take(into, text, placeOf) {
  text.split('\0').forEach((part, index) => {
    for (const { form, at } of scanner.scan(part)) {
      const place = placeOf(index, part);
      into.set(`${place} ${form}`, { place, form, at });
    }
  });
}

/** Parent and start time; the name of a program may have spaces and brackets. */
function stat(pid) {
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1).split(' ');
  return [Number(fields[1]), fields[19]];
}

function link(pid) {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return '';
  }
}

function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended
  }
}
