import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen, type Listening } from './network.js';

/** Versions without a digest in the repository: the mirror's own checksum files count. */
export const MIRRORED = { 'kind-version': '0.31.0', 'kubectl-version': '1.35.0', 'helm-version': '4.1.0' };

/** What helm says of every chart: a run that gets its tools ends there, before it makes a cluster. */
export const NEXT_TROUBLE = 'this helm renders nothing';

/** What the tools do, in sh. */
const PROGRAMS = { kind: 'exit 1', kubectl: 'exit 1', helm: `echo "Error: ${NEXT_TROUBLE}" >&2; exit 1` };
export type Programs = Partial<typeof PROGRAMS>;

export interface Mirror extends Listening {
  url: string;
  /** Paths that were asked for, in order. */
  asked: string[];
}

/** Whether it answered; else the usual answer is given. */
export type Answer = (path: string, request: IncomingMessage, response: ServerResponse) => boolean;

/** A mirror of the tools: small real programs at the publishers' paths; `answer` may take a request over. */
export async function startMirror(answer: Answer = () => false, programs: Programs = {}): Promise<Mirror> {
  const script = (tool: keyof Programs) => Buffer.from(`#!/bin/sh\n${programs[tool] ?? PROGRAMS[tool]}\n`);
  const helm = archiveOf('helm', script('helm'));
  const asked: string[] = [];
  const listening = await listen((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    if (answer(path, request, response)) return;
    const asset = path.replace(/\.sha256(sum)?$/, '');
    const body = asset.endsWith('.tar.gz') ? helm : script(asset.includes('/kind-') ? 'kind' : 'kubectl');
    response.end(asset === path ? body : `${createHash('sha256').update(body).digest('hex')}  ${asset}\n`);
  });
  return { ...listening, asked, url: `http://127.0.0.1:${listening.port}` };
}

/** A .tar.gz as helm is published: the executable in the folder of its platform. */
function archiveOf(name: string, content: Buffer): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'archive-'));
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  mkdirSync(join(folder, platform));
  writeFileSync(join(folder, platform, name), content, { mode: 0o755 });
  // a release has the same bytes at every mirror
  for (const path of [join(folder, platform, name), join(folder, platform)]) utimesSync(path, 0, 0);
  execFileSync('tar', ['-czf', join(folder, 'archive'), '-C', folder, platform]);
  const archive = readFileSync(join(folder, 'archive'));
  rmSync(folder, { recursive: true });
  return archive;
}
