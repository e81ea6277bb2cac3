// 100 MB of logs through the redactor, as a stream from a file to a file, against the same without it: MB/s, their ratio, and
// how much memory that took. One line in a hundred has the key in it, in some form.
import { createReadStream, createWriteStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createRedactor } from '../dist/index.js';

const MEGABYTES = 100;
const KEYS = {
  'of letters and digits': `sk-${'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY'}`,
  'with characters that are escaped': `a:#{b}"'$&\\<>,[]+/%=0123456789abcdefghijklmnopqrstuvwxyz`,
};
/** What is asked for. */
const LEAST_MB_PER_S = 50;
const MOST_MB = 64;

const formsOf = (key) => [
  key,
  Buffer.from(`token: ${key}`).toString('base64'),
  Buffer.from(key).toString('hex'),
  JSON.stringify(key),
  encodeURIComponent(key).slice(10, 40),
];

function writeLogs(path, key) {
  const forms = formsOf(key);
  const file = openSync(path, 'w');
  const line = (at) => {
    const plain = `2026-11-25T04:02:48.${String(at).padStart(6, '0')}Z stderr F INFO: 10.244.0.5:43210 - "POST /v1/chat/completions HTTP/1.1" 200 OK {"id":"cmpl-${Math.random().toString(36).slice(2)}"}`;
    return at % 100 ? `${plain}\n` : `${plain} Authorization: ${forms[(at / 100) % forms.length]}\n`;
  };
  for (let written = 0, at = 0; written < MEGABYTES * 1e6;) {
    const block = Array.from({ length: 1000 }, () => line((at += 1))).join('');
    written += writeSync(file, block);
  }
}

/** Bytes go through as characters of Latin-1: forms of the key are ASCII, and everything else comes out as it was. */
function redacting(key) {
  const stream = createRedactor(key).stream();
  return new Transform({
    transform: (chunk, _, done) => done(null, Buffer.from(stream.push(chunk.latin1Slice()), 'latin1')),
    flush: (done) => done(null, Buffer.from(stream.end(), 'latin1')),
  });
}

async function timed(path, ...through) {
  let most = 0;
  const before = process.memoryUsage().rss;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss - before)), 20);
  const began = performance.now();
  await pipeline(createReadStream(path), ...through, createWriteStream(`${path}.out`));
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watch);
  return { rate: statSync(path).size / 1e6 / seconds, megabytes: most / 1e6 };
}

/** Prints a line a kind of key; gives whether it is as fast, and takes as little memory, as asked for. */
export async function benchRedaction() {
  let enough = true;
  for (const [kind, key] of Object.entries(KEYS)) enough = (await benchKey(kind, key)) && enough;
  return enough;
}

async function benchKey(kind, key) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const path = join(folder, 'log');
  try {
    writeLogs(path, key);
    await timed(path); // the file is in memory from here on
    const plain = await timed(path);
    const redacted = await timed(path, redacting(key));
    console.log(
      `redaction of ${MEGABYTES} MB, a key ${kind}: ${redacted.rate.toFixed(0)} MB/s (asked for: ${LEAST_MB_PER_S}), copying alone ${plain.rate.toFixed(0)} MB/s, ratio ${(plain.rate / redacted.rate).toFixed(1)}; memory grew by ${redacted.megabytes.toFixed(0)} MB (at most ${MOST_MB})`,
    );
    return redacted.rate >= LEAST_MB_PER_S && redacted.megabytes <= MOST_MB;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
