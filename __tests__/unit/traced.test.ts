import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/adapters/runner.js';
import { traced } from '../../src/maas/traced.js';
import type { OpenAiApi } from '../../src/ports.js';
import { createRedactor } from '../../src/secrets/redact.js';
import { apiKeySecret } from '../../src/secrets/secret.js';
import { printed } from '../helpers/printed.js';

const BASE = 'https://maas.example.com/v1';
const answer = (body: unknown) => () => Promise.resolve({ body, headers: { 'x-a': 'b' } });
const never = () => Promise.reject(new Error('nobody asked for this'));

function tracedApi(over: Partial<OpenAiApi>): { api: OpenAiApi; told: string[] } {
  const told: string[] = [];
  const silent: OpenAiApi = { get: never, post: never, delete: never, upload: never, stream: () => chunksOf([]) };
  const api = traced({ ...silent, ...over }, BASE, (line) => told.push(line.replace(/after \d+\.\d s/, 'after 0.0 s')));
  return { api, told };
}

async function* chunksOf(chunks: unknown[], error?: Error): AsyncGenerator {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
  if (error) throw error;
}

async function all(chunks: AsyncIterable<unknown>): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const chunk of chunks) taken.push(chunk);
  return taken;
}

describe('each call is told, with what was asked and what came', () => {
  it('and its answer goes on as it is', async () => {
    const { api, told } = tracedApi({ post: answer({ b: 2 }) });
    expect(await api.post('/chat/completions', { a: 1 })).toEqual({ body: { b: 2 }, headers: { 'x-a': 'b' } });
    expect(told).toEqual([`POST ${BASE}/chat/completions {"a":1} → after 0.0 s: {"b":2}`]);
  });

  it('of every kind', async () => {
    const { api, told } = tracedApi({ get: answer([1]), delete: answer(undefined), upload: answer('x') });
    await api.get('/models');
    await api.delete('/files/f');
    await api.upload({ name: 'a.txt', type: 'text/plain', content: 'its content' });
    expect(told).toEqual([
      `GET ${BASE}/models  → after 0.0 s: [1]`,
      `DELETE ${BASE}/files/f  → after 0.0 s: `,
      `POST ${BASE}/files "a.txt" → after 0.0 s: "x"`,
    ]);
  });

  it('also one that fails, and its error goes on', async () => {
    const error = new Error('HTTP 503');
    const { api, told } = tracedApi({ get: () => Promise.reject(error) });
    await expect(api.get('/models')).rejects.toBe(error);
    expect(told).toEqual([`GET ${BASE}/models  → failed after 0.0 s: HTTP 503`]);
  });

  it('cut where it is long, with its length', async () => {
    const { api, told } = tracedApi({ post: answer('y'.repeat(5000)) });
    await api.post('/x', { a: 'x'.repeat(3000) });
    expect(told[0]).toContain(`x… (3008 characters)`);
    expect(told[0]).toContain(`y… (5002 characters)`);
    expect(told[0]?.length).toBeLessThan(4200);
  });
});

describe('a stream is told at its end', () => {
  it('with the number of its chunks and the last of them', async () => {
    const { api, told } = tracedApi({ stream: () => chunksOf([{ a: 1 }, { a: 2 }]) });
    const stream = api.stream('/chat/completions', { q: 1 });
    expect(told).toEqual([]);
    expect(await all(stream)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(told).toEqual([`POST ${BASE}/chat/completions (stream) {"q":1} → 2 chunks, the last {"a":2}`]);
  });

  it('that breaks off, and its error goes on', async () => {
    const error = new Error('reset');
    const { api, told } = tracedApi({ stream: () => chunksOf([1], error) });
    await expect(all(api.stream('/x', {}))).rejects.toBe(error);
    expect(told).toEqual([`POST ${BASE}/x (stream) {} → failed after 1 chunks: reset`]);
  });

  it('that its reader has enough of: it is ended, too', async () => {
    let ended = false;
    const endless = async function* (): AsyncGenerator {
      try {
        for (;;) yield await Promise.resolve(1);
      } finally {
        ended = true;
      }
    };
    const { api, told } = tracedApi({ stream: endless });
    for await (const chunk of api.stream('/x', {})) if (chunk) break;
    expect([ended, told]).toEqual([true, [`POST ${BASE}/x (stream) {} → 1 chunks, the last 1`]]);
  });

  it('of nothing', async () => {
    const { api, told } = tracedApi({});
    expect(await all(api.stream('/x', {}))).toEqual([]);
    expect(told).toEqual([`POST ${BASE}/x (stream) {} → 0 chunks, the last `]);
  });
});

describe('in the log', () => {
  const KEY = 'sk-verysecretkey0123456789';
  const echoing = async (env: Record<string, string>) =>
    await printed(env, async () => {
      const log = createLog(createRedactor([apiKeySecret(KEY)]).redact);
      const echo: OpenAiApi = {
        ...{ get: never, delete: never, upload: never },
        post: answer({ you: `Bearer ${KEY}`, base64: Buffer.from(KEY).toString('base64') }),
        stream: () => chunksOf([{ delta: KEY }]),
      };
      const api = traced(echo, BASE, (line) => log.debug(line));
      await api.post('/x', { key: KEY });
      await all(api.stream('/x', { key: KEY }));
    });

  it('it is shown with debug logging on, without the key in any form', async () => {
    const text = await echoing({ RUNNER_DEBUG: '1', GITHUB_ACTIONS: 'true' });
    expect(text.match(/^::debug::POST /gm)).toHaveLength(2);
    expect(text).toContain('***');
    for (const form of [KEY, Buffer.from(KEY).toString('base64')])
      for (let at = 0; at + 8 <= form.length; at += 1) expect(text).not.toContain(form.slice(at, at + 8));
  });

  it('it is not shown otherwise', async () => {
    expect(await echoing({ GITHUB_ACTIONS: 'true' })).toBe('');
    expect(await echoing({ RUNNER_DEBUG: '0' })).toBe('');
  });
});
