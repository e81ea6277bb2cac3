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
/** What is asked for; of texts that are dense with what is to be undone, every line of them, less. */
const LEAST_MB_PER_S = 50;
const LEAST_DENSE_MB_PER_S = 5;
const DENSE_MEGABYTES = 10;
const MOST_MB = 64;

const each = (key, write) =>
  Array.from(key, (char) => write(char, char.charCodeAt(0).toString(16).padStart(2, '0'))).join('');
const shuffled = (key) =>
  each(key, (char) => (Math.random() < 0.5 ? char : key[Math.floor(Math.random() * key.length)]));
/** Lines of which each is hard to judge; one in a hundred has the key. */
const DENSE = {
  'with a percent escape of each character': (key) => each(key, (_, hex) => `%${hex}`),
  'with backslashes': (key) => each(key, (char, hex) => `\\${char}\\u00${hex}`),
  'with dumps of hex': (key) => each(key, (_, hex) => `${hex} `),
  'with decimal bytes': (key) => each(key, (char) => `${char.charCodeAt(0)}, `),
  'with parts of the key': (key) => each(key, (char) => char),
};

const formsOf = (key) => [
  key,
  Buffer.from(`token: ${key}`).toString('base64'),
  Buffer.from(key).toString('hex'),
  JSON.stringify(key),
  encodeURIComponent(key).slice(10, 40),
];

function writeLogs(path, key) {
  const forms = formsOf(key);
  const line = (at) => {
    const plain = `2026-11-25T04:02:48.${String(at).padStart(6, '0')}Z stderr F INFO: 10.244.0.5:43210 - "POST /v1/chat/completions HTTP/1.1" 200 OK {"id":"cmpl-${Math.random().toString(36).slice(2)}"}`;
    return at % 100 ? `${plain}\n` : `${plain} Authorization: ${forms[(at / 100) % forms.length]}\n`;
  };
  writeLines(path, MEGABYTES, line);
}

function writeDense(path, key, write) {
  writeLines(path, DENSE_MEGABYTES, (at) => `${write(at % 100 ? shuffled(key) : key)}\n`);
}

function writeLines(path, megabytes, line) {
  const file = openSync(path, 'w');
  for (let written = 0, at = 0; written < megabytes * 1e6;) {
    const block = Array.from({ length: 1000 }, () => line((at += 1))).join('');
    written += writeSync(file, block);
  }
}

/** Bytes go through as characters of Latin-1: forms of the key are ASCII, and everything else comes out as it was. */
function redacting(key) {
  const stream = createRedactor([{ name: 'input api-key', value: key }]).stream();
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
  for (const [kind, key] of Object.entries(KEYS)) {
    enough =
      (await benchKey(`a key ${kind}`, { key, megabytes: MEGABYTES, least: LEAST_MB_PER_S, write: writeLogs })) &&
      enough;
    for (const [lines, write] of Object.entries(DENSE)) {
      const dense = {
        key,
        megabytes: DENSE_MEGABYTES,
        least: LEAST_DENSE_MB_PER_S,
        write: (path) => writeDense(path, key, write),
      };
      enough = (await benchKey(`every line ${lines}, a key ${kind}`, dense)) && enough;
    }
  }
  return enough;
}

async function benchKey(what, { key, megabytes, least, write }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const path = join(folder, 'log');
  try {
    write(path, key);
    await timed(path); // the file is in memory from here on
    const plain = await timed(path);
    const redacted = await timed(path, redacting(key));
    console.log(
      `redaction of ${megabytes} MB, ${what}: ${redacted.rate.toFixed(0)} MB/s (asked for: ${least}), copying alone ${plain.rate.toFixed(0)} MB/s, ratio ${(plain.rate / redacted.rate).toFixed(1)}; memory grew by ${redacted.megabytes.toFixed(0)} MB (at most ${MOST_MB})`,
    );
    return redacted.rate >= least && redacted.megabytes <= MOST_MB;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
