import { once } from 'node:events';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { codeOf } from '../../src/adapters/cause.js';
import { askAsFetch, responseOf } from '../../src/adapters/http-fetch.js';
import { bodyOf, json, listen, type Listening } from '../helpers/network.js';

/** A name that nothing resolves: who asks for it has gone through the proxy. */
const NAME = 'maas.example.com';
const KEY = 'Bearer the-key-0123456';
const VARIABLES = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]);

/** A proxy that leads every tunnel to one port of this machine; or refuses it. */
async function startProxy() {
  const sockets = new Set<Socket>();
  const listening = await listen((_, response) => void response.writeHead(400).end('only tunnels'));
  const proxy = {
    ...listening,
    tunnels: [] as { target: string; headers: IncomingHttpHeaders }[],
    leadTo: 0,
    refuseWith: '',
  };
  listening.server.on('connect', ({ url = '', headers }: IncomingMessage, client: Socket, head: Buffer) => {
    proxy.tunnels.push({ target: url, headers });
    if (proxy.refuseWith) return void client.end(`HTTP/1.1 ${proxy.refuseWith}\r\ncontent-length: 0\r\n\r\n`);
    const upstream = connect(proxy.leadTo, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => socket.destroy()));
  });
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await listening.close();
  };
  return Object.assign(proxy, { close });
}

let proxy: Awaited<ReturnType<typeof startProxy>>;
let service: Listening;
let asked: { url: string; headers: IncomingHttpHeaders; body: string }[];

beforeAll(async () => {
  service = await listen((request, response) => {
    void bodyOf(request).then((body) => {
      asked.push({ url: request.url ?? '', headers: request.headers, body });
      json(response, 200, { from: 'the service' }, { 'x-one': '1' });
    });
  });
});
afterAll(() => service.close());

beforeEach(async () => {
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
  asked = [];
  proxy = await startProxy();
  proxy.leadTo = service.port;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
});

const proxyUrl = (credentials = '') => `http://${credentials}127.0.0.1:${proxy.port}`;
const fetchByProxy = async (url: string, init: RequestInit = {}) => responseOf(await askAsFetch(url, init, 1_000_000));
const ask = (init: RequestInit = {}) => fetchByProxy(`http://${NAME}:8000/v1/models?a=b`, init);
const targets = () => proxy.tunnels.map(({ target }) => target);

describe('the proxy that the environment names', () => {
  it.each(['HTTP_PROXY', 'http_proxy'])('is used for http: %s', async (variable) => {
    process.env[variable] = proxyUrl();
    const response = await ask();
    expect([response.status, response.headers.get('x-one')]).toEqual([200, '1']);
    expect(await response.json()).toEqual({ from: 'the service' });
    expect(asked).toMatchObject([{ url: '/v1/models?a=b', headers: { host: `${NAME}:8000` } }]);
    expect(targets()).toEqual([`${NAME}:8000`]);
  });

  it.each(['HTTPS_PROXY', 'https_proxy'])('is used for https: %s', async (variable) => {
    process.env[variable] = proxyUrl();
    // what answers there speaks no TLS: how far it gets is enough
    await expect(fetchByProxy(`https://${NAME}/v1/models`)).rejects.toThrow();
    expect(targets()).toEqual([`${NAME}:443`]);
    expect(asked).toEqual([]);
  });

  it('may be written without a scheme', async () => {
    process.env['HTTP_PROXY'] = `127.0.0.1:${proxy.port}`;
    expect((await ask()).status).toBe(200);
    expect(proxy.tunnels).toHaveLength(1);
  });

  it('of the other scheme is not used', async () => {
    process.env['HTTPS_PROXY'] = proxyUrl();
    await expect(ask()).rejects.toThrow();
    expect(proxy.tunnels).toEqual([]);
  });

  it('is asked with its own name and password, and never with what is for the service', async () => {
    process.env['HTTP_PROXY'] = proxyUrl('me:p%40ss@');
    await ask({ headers: { authorization: KEY } });
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(proxy.tunnels).toMatchObject([{ headers: { 'proxy-authorization': basic } }]);
    expect(JSON.stringify(proxy.tunnels)).not.toContain('the-key');
    expect(asked).toMatchObject([{ headers: { authorization: KEY } }]);
    expect(asked[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('without a name gets no credentials at all', async () => {
    process.env['HTTP_PROXY'] = proxyUrl();
    await ask({ headers: { authorization: KEY } });
    expect(Object.keys(proxy.tunnels[0]?.headers ?? {}).join()).not.toContain('authorization');
  });

  it('is another one when the environment names another', async () => {
    process.env['HTTP_PROXY'] = proxyUrl();
    await ask();
    const second = await startProxy();
    second.leadTo = service.port;
    process.env['HTTP_PROXY'] = `http://127.0.0.1:${second.port}`;
    await ask();
    expect([proxy.tunnels.length, second.tunnels.length]).toEqual([1, 1]);
    await second.close();
  });
});

describe('no proxy', () => {
  it.each(['NO_PROXY', 'no_proxy'])('is used for a name in %s, its domain and its port', async (variable) => {
    process.env['HTTP_PROXY'] = proxyUrl();
    for (const list of [NAME, 'x.test, example.com', '.example.com', `${NAME}:8000`, '*']) {
      process.env[variable] = list;
      await expect(ask(), list).rejects.toThrow();
    }
    expect(proxy.tunnels).toEqual([]);
    for (const list of ['other.com', `${NAME}:443`, 'ample.com', '']) {
      process.env[variable] = list;
      expect((await ask()).status, list).toBe(200);
    }
    expect(proxy.tunnels.length).toBeGreaterThan(0);
  });

  it.each(['127.0.0.1', 'localhost'])('is used for %s', async (host) => {
    process.env['HTTP_PROXY'] = process.env['http_proxy'] = proxyUrl();
    const response = await fetchByProxy(`http://${host}:${service.port}/`);
    expect(await response.json()).toEqual({ from: 'the service' });
    expect(proxy.tunnels).toEqual([]);
  });

  it('is used where none is named', async () => {
    expect((await fetchByProxy(`http://127.0.0.1:${service.port}/`)).status).toBe(200);
    await expect(ask()).rejects.toThrow();
    expect(proxy.tunnels).toEqual([]);
  });
});

describe('through a proxy', () => {
  beforeEach(() => {
    process.env['HTTP_PROXY'] = proxyUrl();
  });

  it('a request arrives as it was made: method, headers, body', async () => {
    const headers = new Headers({ 'content-type': 'application/json', 'x-two': '2' });
    await ask({ method: 'POST', headers, body: '{"a":"ü"}' });
    expect(asked).toMatchObject([
      { body: '{"a":"ü"}', headers: { 'x-two': '2', 'content-type': 'application/json', 'content-length': '10' } },
    ]);
  });

  it('a file of a form arrives as one', async () => {
    const body = new FormData();
    body.append('purpose', 'assistants');
    body.append('file', new File(['the content'], 'a.txt', { type: 'text/plain' }));
    await ask({ method: 'POST', body });
    expect(asked[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(asked[0]?.body).toMatch(
      /name="file"; filename="a\.txt"\r\nContent-Type: text\/plain\r\n\r\nthe content\r\n/,
    );
    expect(asked[0]?.body).toMatch(/name="purpose"\r\n\r\nassistants\r\n/);
  });

  it('a request ends by its signal, with its reason', async () => {
    const silent = await listen(() => run.abort(reason));
    const run = new AbortController();
    const reason = new Error('cancelled');
    proxy.leadTo = silent.port;
    await expect(ask({ signal: run.signal })).rejects.toBe(reason);
    await silent.close();
  });

  it.each(['http', 'https'])('nothing is reached where it refuses, and its answer is told: %s', async (scheme) => {
    process.env['HTTPS_PROXY'] = proxyUrl();
    for (const refusal of ['403 Forbidden', '407 Proxy Authentication Required', '502 Bad Gateway']) {
      proxy.refuseWith = refusal;
      const error: unknown = await fetchByProxy(`${scheme}://${NAME}/`).catch((thrown: unknown) => thrown);
      expect(codeOf(error)).toContain(refusal.slice(0, 3));
    }
    expect(asked).toEqual([]);
  });

  it('nothing is reached where it does not listen', async () => {
    await proxy.close();
    await expect(ask()).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});

/** What a child makes of an https request: its CAs are read when a process starts. */
describe('https through a proxy', () => {
  let folder: string;
  let ca: string;
  let tls: { port: number; close: () => void };
  const seen: IncomingHttpHeaders[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proxy-'));
    const file = (name: string) => join(folder, name);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
    ca = file('ca.pem');
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj'];
    openssl('req', '-x509', ...newKey, '/CN=a private CA', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2');
    openssl('req', ...newKey, `/CN=${NAME}`, '-keyout', 'key.pem', '-out', 'request.pem');
    writeFileSync(file('names'), `subjectAltName=DNS:${NAME}\n`);
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
    openssl('x509', '-req', '-in', 'request.pem', ...signed, '-out', 'cert.pem');
    const server = createTlsServer(
      { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) },
      ({ headers }, response) => {
        seen.push(headers);
        response.end('over TLS');
      },
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    tls = { port: (server.address() as AddressInfo).port, close: () => server.close() };
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    const src = new URL('../../src/', import.meta.url);
    const modules = readdirSync(new URL('adapters/', src)).filter((name) => /^(http|cause)/.test(name));
    mkdirSync(file('adapters'));
    writeFileSync(file('package.json'), '{"type":"module"}');
    for (const name of ['json.ts', ...modules.map((name) => `adapters/${name}`)]) {
      const source = readFileSync(new URL(name, src), 'utf8');
      writeFileSync(file(name.replace(/ts$/, 'js')), ts.transpileModule(source, { compilerOptions }).outputText);
    }
    symlinkSync(new URL('../../node_modules', import.meta.url), file('node_modules'));
    writeFileSync(
      file('ask.mjs'),
      `import { askAsFetch, responseOf } from './adapters/http-fetch.js';
       import { codeOf } from './adapters/cause.js';
       const headers = { authorization: '${KEY}' };
       await askAsFetch('https://${NAME}/v1/models', { headers }, 1000).then(
         async (answer) => console.log(answer.status, await responseOf(answer).text()),
         (error) => console.log(codeOf(error)),
       );`,
    );
  });
  afterAll(() => {
    tls.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const askInChild = async (env: Record<string, string>) => {
    proxy.leadTo = tls.port;
    const child = { env: { PATH: process.env['PATH'] ?? '', HTTPS_PROXY: proxyUrl(), ...env } };
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'ask.mjs')], child);
    return stdout.trim();
  };

  it('trusts a CA of NODE_EXTRA_CA_CERTS; the proxy sees the name, and nothing of the key', async () => {
    expect(await askInChild({ NODE_EXTRA_CA_CERTS: ca })).toBe('200 over TLS');
    expect(targets()).toEqual([`${NAME}:443`]);
    expect(JSON.stringify(proxy.tunnels)).not.toContain('the-key');
    expect(seen).toMatchObject([{ host: NAME, authorization: KEY }]);
  });

  it('does not trust a CA that nobody named', async () => {
    seen.length = 0;
    expect(await askInChild({})).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN/);
    expect(targets()).toEqual([`${NAME}:443`]);
    expect(seen).toEqual([]);
  });
});
