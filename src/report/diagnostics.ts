import { dirname, join } from 'node:path';
import { warningsOf } from '../deploy/diagnostics.js';
import type { Files } from '../ports.js';
import { redactAll, type Redact } from '../secrets/redact.js';
import type { Section } from '../section.js';
import type { RunRecord } from './record.js';

/** Characters of one file, and of all: what does not fit is left out, the end of a file last. */
const LONGEST_FILE = 512 * 1024;
const LONGEST_ALL = 8 * 1024 * 1024;

/** Lines of a container's log, and of warning events, that the summary shows. */
const LOG_LINES = 12;
const ALL_LINES = 20;

/** The twenty lines that matter: the last ones of the container at fault, and what the cluster warned of. */
export function linesThatMatter({ failure, diagnostics }: Pick<RunRecord, 'failure' | 'diagnostics'>): string[] {
  const log = (failure?.evidence ?? []).slice(-LOG_LINES);
  const room = ALL_LINES - log.length;
  return [...log, ...warningsOf(diagnostics).slice(-room)];
}

/** Writes a folder with everything that a red run knows, redacted before it touches the disk, and bounded. */
export async function writeDiagnostics(
  { diagnostics, plan, tools, docker, service, failure }: RunRecord,
  folder: string,
  files: Files,
  redact: Redact,
): Promise<void> {
  const asJson = (file: string, value: unknown): Section => ({
    title: file,
    file,
    lines: [JSON.stringify(redactAll(value, redact), null, 2)],
  });
  const known = [
    asJson('plan.json', plan ?? {}),
    asJson('versions.json', { tools, docker }),
    asJson('failure.json', { failure, service }),
  ];
  let room = LONGEST_ALL;
  for (const { file, lines } of [...known, ...diagnostics]) {
    const text = redact(lines.join('\n')).slice(-Math.min(LONGEST_FILE, room));
    room -= text.length;
    const path = join(folder, file.replace(/[^\w./-]/g, '_').replace(/\.\.+/g, '_'));
    await files.makeDir(dirname(path));
    await files.write(path, `${text}\n`);
    if (room <= 0) break;
  }
}
