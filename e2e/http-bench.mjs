// Servers that close after each response, and the bundle that asks them: every kind of call, in child processes, which must not
// die. Sizes, endings and how a body is read are drawn in turn by a seed, which is printed.
//   node e2e/http-bench.mjs [--requests 200] [--seed N] [--kinds get,page] [--by fetch|undici] [--dist FOLDER]
// --by fetch asks with the fetch of this Node, --by undici with that of the package, as the action did before: what they do shows
// that the bench notices.
// Ends with 1 where a child died, a call gave what it should not, or one took longer than 20 s.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const LONGEST_MS = 20_000;
const KB = 1024;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ENDINGS = ['HTTP/1.0', 'close with a length', 'close without a length', 'close in chunks'];
const READINGS = ['at once', 'late', 'never'];
/** The sizes at which buffers are full, and any other from 1 kB to 1 MB. */
const SIZES = [1, 16, 29, 30, 32, 63, 64, 65, 98, 128, 256, 1024].map((size) => size * KB);

const KINDS = ['get', 'post', 'upload', 'error', 'stream', 'page', 'download', 'fetch'];

/** The calls of one kind: each ending, reading and size has its turn, in an order of its own. */
function* draws(seed, count) {
  const random = randomOf(seed);
  const shift = (list, at) => list[at % list.length];
  for (let at = 0; at < count; at += 1) {
    const any = Math.round(KB * 1024 ** random());
    yield {
      ending: shift(ENDINGS, at),
      reading: shift(READINGS, Math.floor(at / ENDINGS.length)),
      size: random() < 0.5 ? SIZES[Math.floor(random() * SIZES.length)] : any,
      pieces: 1 + Math.floor(random() * 4),
      lateMs: Math.floor(random() * 40),
    };
  }
}

const BODIES = {
  json: (size) => JSON.stringify({ data: 'x'.repeat(size) }),
  error: (size) => JSON.stringify({ error: { message: 'x'.repeat(size) } }),
  stream: (size) => {
    const event = `data: ${JSON.stringify({ choices: [{ delta: { content: 'x'.repeat(500) } }] })}\n\n`;
    return `${event.repeat(Math.ceil(size / event.length))}data: [DONE]\n\n`;
  },
};

/** Answers with what the path asks for, and closes. */
function serve() {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    let asked = '';
    socket.on('data', (part) => {
      asked += part.toString('latin1');
      const [head, ...sent] = asked.split('\r\n\r\n');
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
      const isChunked = /^transfer-encoding/im.test(head) && !asked.endsWith('0\r\n\r\n');
      if (sent.length === 0 || sent.join('\r\n\r\n').length < length || isChunked) return;
      const [, path] = /^\S+ \/([^/ ]+)/.exec(asked);
      socket.removeAllListeners('data').resume();
      void answer(socket, JSON.parse(decodeURIComponent(path)));
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function answer(socket, { body, status, ending, size, pieces }) {
  const text = BODIES[body](size);
  const type = body === 'stream' ? 'text/event-stream' : 'application/json';
  const framing = {
    'HTTP/1.0': '',
    'close with a length': `content-length: ${text.length}\r\nconnection: close\r\n`,
    'close without a length': 'connection: close\r\n',
    'close in chunks': 'transfer-encoding: chunked\r\nconnection: close\r\n',
  }[ending];
  socket.write(`${ending === 'HTTP/1.0' ? ending : 'HTTP/1.1'} ${status} x\r\ncontent-type: ${type}\r\n${framing}\r\n`);
  const length = Math.ceil(text.length / pieces);
  for (let at = 0; at < text.length; at += length) {
    const piece = text.slice(at, at + length);
    socket.write(ending === 'close in chunks' ? `${piece.length.toString(16)}\r\n${piece}\r\n` : piece);
    if (pieces > 2) await turn();
  }
  socket.end(ending === 'close in chunks' ? '0\r\n\r\n' : undefined);
}

// ---- in the child: one kind of call

const pathOf = (draw, body, status = 200) => encodeURIComponent(JSON.stringify({ ...draw, body, status }));
const baseOf = (port, draw, body, status) => `http://127.0.0.1:${port}/${pathOf(draw, body, status)}`;

/** How a caller of fetch reads: at once, when more has come than fits, or not at all. */
async function readAs({ reading, lateMs }, response) {
  if (reading === 'late') await pause(lateMs);
  if (reading === 'never') return undefined;
  return await response.text();
}

/** Holds everything up while an answer comes, which is how a busy process reads late; or leaves the call. */
function meanwhile({ reading, lateMs }, run) {
  if (reading === 'late')
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lateMs), lateMs / 4);
  if (reading === 'never') setTimeout(() => run.abort(new Error('left')), lateMs / 4);
}

/** Each kind of call: what it does, and whether what came is right. The bundle's, and the same by a fetch. */
function kindsOf({ createOpenAi, createWeb, download, askAsFetch, responseOf }, folder) {
  const open = (base, signal) =>
    createOpenAi({ baseUrl: base, apiKey: 'sk-bench', timeoutMs: LONGEST_MS }, signal, (text) => text);
  const called = (body, status, call) => async (port, draw) => {
    const run = new AbortController();
    meanwhile(draw, run);
    return await call(open(baseOf(port, draw, body, status), run.signal), draw, run);
  };
  const isWhole = ({ body }, { size }) => body.data.length === size;
  return {
    get: called('json', 200, async (api, draw) => isWhole(await api.get('/models'), draw)),
    post: called('json', 200, async (api, draw) => isWhole(await api.post('/chat', { a: 1 }), draw)),
    upload: called('json', 200, async (api, draw) =>
      isWhole(await api.upload({ name: 'a.txt', type: 'text/plain', content: 'x'.repeat(draw.size) }), draw),
    ),
    error: called('error', 401, (api) =>
      api.get('/models').then(
        () => false,
        (failure) => {
          if (failure.status === undefined) throw failure;
          return failure.status === 401 && failure.detail.includes('xxx');
        },
      ),
    ),
    stream: called('stream', 200, async (api, { reading, lateMs }) => {
      let parts = 0;
      for await (const part of api.stream('/chat', {})) {
        parts += part.choices ? 1 : 0;
        if (reading === 'never') break;
        if (reading === 'late' && parts < 4) await pause(lateMs);
      }
      return parts > 0;
    }),
    page: async (port, draw) => {
      const run = new AbortController();
      meanwhile(draw, run);
      const { status, text } = await createWeb(run.signal).get(`${baseOf(port, draw, 'json')}/page`);
      return status === 200 && text.length === Math.min(65_536, BODIES.json(draw.size).length);
    },
    download: async (port, draw) => {
      const run = new AbortController();
      meanwhile(draw, run);
      const path = await download(`${baseOf(port, draw, 'json')}/file`, folder, 2 ** 22, run.signal);
      const { size } = statSync(path);
      rmSync(path);
      return size === BODIES.json(draw.size).length;
    },
    fetch: async (port, draw) => {
      const answer = await askAsFetch(`${baseOf(port, draw, 'json')}/any`, {}, 2 ** 22);
      const text = await readAs(draw, responseOf(answer));
      return text === undefined || text === BODIES.json(draw.size);
    },
  };
}

/** The same calls as whoever uses fetch would make them. */
function kindsByFetch({ fetch, FormData, File }) {
  const asked =
    (body, status, init = () => ({})) =>
    async (port, draw) => {
      const response = await fetch(`${baseOf(port, draw, body, status)}/any`, init(draw));
      const text = await readAs(draw, response);
      return response.status === status && (text === undefined || text === BODIES[body](draw.size));
    };
  const form = ({ size }) => {
    const body = new FormData();
    body.append('file', new File(['x'.repeat(size)], 'a.txt'));
    return { method: 'POST', body };
  };
  return {
    get: asked('json', 200),
    post: asked('json', 200, () => ({ method: 'POST', body: '{"a":1}' })),
    upload: asked('json', 200, form),
    error: asked('error', 401),
    stream: asked('stream', 200),
    page: asked('json', 200),
    download: asked('json', 200),
    fetch: asked('json', 200),
  };
}

/** Tells the parent of each call when it begins and how it went. */
async function work({ kind, port, by, dist, draws: drawn }) {
  const folder = mkdtempSync(join(tmpdir(), 'http-bench-'));
  const kinds =
    by === 'bundle'
      ? kindsOf(await import(pathToFileURL(join(dist, 'index.js'))), folder)
      : kindsByFetch(by === 'undici' ? await import('undici') : globalThis);
  for (const draw of drawn) {
    process.send({ begun: draw });
    const call = kinds[kind](port, draw).catch((error) => (error.message === 'left' ? true : String(error.message)));
    const late = pause(LONGEST_MS, 'no end', { ref: false });
    process.send({ done: await Promise.race([call, late]) });
  }
  await pause(50); // what is left unread may still end the process
  rmSync(folder, { recursive: true, force: true });
  process.disconnect();
}

// ---- in the parent

/** Does the calls of a kind; a child that dies loses one, and the next goes on behind it. */
async function measure(kind, drawn, { port, by, dist }) {
  const found = { kind, calls: 0, crashes: 0, wrong: 0, said: new Set() };
  for (let left = drawn; left.length > 0;) {
    const { begun, code, stderr } = await childFor({ kind, port, by, dist, draws: left }, found);
    if (code === 0) break;
    found.crashes += 1;
    found.said.add(/^.*(Error|assert).*$/m.exec(stderr)?.[0]?.trim() ?? `exit code ${code}`);
    left = left.slice(Math.max(1, begun));
  }
  return found;
}

function childFor(job, found) {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(import.meta.url), ['--child'], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    let [begun, stderr] = [0, ''];
    child.stderr.on('data', (part) => (stderr += part));
    child.on('message', ({ begun: draw, done }) => {
      if (draw) {
        begun += 1;
        found.calls += 1;
      } else if (done !== true) {
        found.wrong += 1;
        found.said.add(`gave ${done}`);
      }
    });
    child.on('exit', (code, signal) => resolve({ begun, code: code ?? signal, stderr }));
    child.send(job);
  });
}

async function main() {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      kinds: { type: 'string' },
      by: { type: 'string', default: 'bundle' },
      dist: { type: 'string', default: fileURLToPath(new URL('../dist', import.meta.url)) },
    },
  });
  const kinds = values.kinds?.split(',') ?? KINDS;
  console.log(
    `Node ${process.versions.node}, by ${values.by}, ${values.requests} requests a kind, --seed ${values.seed}`,
  );
  const server = await serve();
  const how = { port: server.address().port, by: values.by, dist: values.dist };
  const all = [];
  for (const [at, kind] of kinds.entries()) {
    const drawn = [...draws(Number(values.seed) + at, Number(values.requests))];
    const found = await measure(kind, drawn, how);
    all.push(found);
    const said = found.said.size ? `: ${[...found.said].slice(0, 3).join('; ').slice(0, 200)}` : '';
    console.log(`${kind.padEnd(8)} ${found.calls} calls, ${found.crashes} crashes, ${found.wrong} wrong${said}`);
  }
  server.close();
  const sum = (name) => all.reduce((total, found) => total + found[name], 0);
  console.log(`${sum('calls')} calls, ${sum('crashes')} crashes, ${sum('wrong')} wrong`);
  process.exitCode = sum('crashes') + sum('wrong') > 0 ? 1 : 0;
}

if (process.argv.includes('--child')) process.once('message', (job) => void work(job));
else await main();
