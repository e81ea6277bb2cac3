// What crosses the interfaces of this host while a run goes on, and where it may go.
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'capture.py');

/** Starts to capture into a file; undefined with a reason where the kernel does not permit it. */
export async function startCapture(path) {
  const child = spawn('python3', [PROGRAM, path], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = createInterface({ input: child.stdout });
  const errors = [];
  child.stderr.on('data', (text) => errors.push(String(text)));
  const next = () =>
    new Promise((resolve, reject) => {
      lines.once('line', resolve);
      child.once('close', () => reject(new Error(errors.join('').trim().split('\n').at(-1) || 'no capture')));
    });
  try {
    await next();
  } catch (error) {
    return { refused: error.message };
  }
  let told;
  return {
    /** What it counted. */
    stop: async () => {
      told ??= next();
      child.kill('SIGTERM');
      return JSON.parse(await told);
    },
  };
}

/** Of each connection what the client sent, in the order of its packets: a key may lie on the border of two. */
export async function sentBy(path) {
  const flows = new Map();
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { from, to, payload } = JSON.parse(line);
    const flow = flows.get(`${from} ${to}`) ?? { from, to, pieces: [] };
    flow.pieces.push(Buffer.from(payload, 'base64'));
    flows.set(`${from} ${to}`, flow);
  }
  return [...flows.values()].map(({ pieces, ...rest }) => ({ ...rest, bytes: Buffer.concat(pieces) }));
}

/**
 * The rule: what a client sends may hold the key where it goes to the configured origin, whoever sends it (the runner, a
 * pod behind docker's NAT: the address of the origin stays the same). All else is a finding.
 *
 * @param to `origin`: addresses at which the key may arrive. A proxy that the run was told to use is one: the tunnel to an
 *   http origin leads through it in clear; how the tunnel was opened is looked at as a recorded request. `own`: those that
 *   the audit itself talks to, the lab's model service, to which the origin hands on questions
 * @returns findings, and how many connections brought the key to the origin: none means that nothing was seen
 */
export function judgeFlows(flows, scanner, { origin, own }) {
  const findings = [];
  let toOrigin = 0;
  for (const { to, bytes } of flows) {
    if (own.includes(to)) continue;
    const found = scanner.scan(bytes);
    if (origin.includes(to)) toOrigin += found.length > 0 ? 1 : 0;
    else for (const { form, at } of found) findings.push({ place: `a request to ${to}`, form, at });
  }
  return { findings, toOrigin };
}
