import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { codeOf } from '../../src/adapters/cause.js';
import { firstOf } from '../../src/adapters/http-body.js';
import { askFollowing } from '../../src/adapters/http-redirects.js';
import { listen, type Listening } from '../helpers/network.js';
import { listenByTls } from '../helpers/tls.js';

const KEYS = { authorization: 'Bearer the-key', cookie: 'session=the-key', 'api-key': 'the-key', 'X-Own': 'the-key' };

/** Two origins of http, one of https; what each was asked. */
let one: Listening;
let other: Listening;
let secure: Awaited<ReturnType<typeof listenByTls>>;
let asked: { at: string; headers: IncomingHttpHeaders }[];
/** Where a path leads. */
let leads: Record<string, string>;

function answer(at: string, { url = '', headers }: IncomingMessage, response: ServerResponse): void {
  asked.push({ at: `${at}${url}`, headers });
  const location = leads[`${at}${url}`];
  if (location === undefined) response.end('there');
  else response.writeHead(Number(/\d{3}/.exec(url)?.[0] ?? 302), { location }).end('moved');
}

beforeAll(async () => {
  one = await listen((request, response) => answer('one', request, response));
  other = await listen((request, response) => answer('other', request, response));
  secure = await listenByTls((request, response) => answer('secure', request, response));
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([one.close(), other.close(), secure.close()]);
});
beforeEach(() => {
  asked = [];
  leads = {};
});

async function outcomeOf(url: string): Promise<string> {
  try {
    const asking = { headers: { accept: 'a', ...KEYS }, signal: new AbortController().signal, mostBytes: 100 };
    const { status, body } = await askFollowing(new URL(url), asking);
    return `${status} ${(await firstOf(body, 100)).bytes.toString()}`;
  } catch (error) {
    return codeOf(error);
  }
}
const ones = (path: string) => `http://127.0.0.1:${one.port}${path}`;
const secures = (path: string) => `https://127.0.0.1:${secure.port}${path}`;

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('is followed, by a path or a URL, with the headers: %i', async (status) => {
    leads = { [`one/${status}`]: 'next', 'one/next': ones('/last?a=b') };
    expect(await outcomeOf(ones(`/${status}`))).toBe('200 there');
    expect(asked.map(({ at }) => at)).toEqual([`one/${status}`, 'one/next', 'one/last?a=b']);
    expect(asked[2]?.headers).toMatchObject({ authorization: KEYS.authorization, 'x-own': 'the-key' });
  });

  it('to another origin, another port is one, tells it no key under any name', async () => {
    leads = { 'one/a': `http://127.0.0.1:${other.port}/b` };
    expect(await outcomeOf(ones('/a'))).toBe('200 there');
    expect(asked[1]).toMatchObject({ at: 'other/b', headers: { accept: 'a', host: `127.0.0.1:${other.port}` } });
    expect(JSON.stringify(asked[1])).not.toContain('the-key');
  });

  it('that comes back tells the first its own', async () => {
    leads = { 'one/a': `http://127.0.0.1:${other.port}/b`, 'other/b': ones('/c') };
    await outcomeOf(ones('/a'));
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([
      KEYS.authorization,
      undefined,
      KEYS.authorization,
    ]);
  });

  it('to https is followed, within it too', async () => {
    leads = { 'one/a': secures('/b'), 'secure/b': '/c' };
    expect(await outcomeOf(ones('/a'))).toBe('200 there');
    expect(asked.map(({ at }) => at)).toEqual(['one/a', 'secure/b', 'secure/c']);
  });

  it('from https to http is refused, and nothing asked there, however late it comes', async () => {
    leads = { 'secure/a': '/b', 'secure/b': ones('/c') };
    expect(await outcomeOf(secures('/a'))).toBe(
      `it redirects from https to http (127.0.0.1:${one.port}), which is not followed`,
    );
    expect(asked.map(({ at }) => at)).toEqual(['secure/a', 'secure/b']);
  });

  it('from this machine to http elsewhere is refused: nobody between may change what comes', async () => {
    leads = { 'one/a': 'http://mirror.invalid/b' };
    expect(await outcomeOf(ones('/a'))).toBe(
      'it redirects from this machine to http (mirror.invalid), which is not followed',
    );
  });

  it('that leads to itself, or on and on, ends', async () => {
    leads = { 'one/a': '/a' };
    expect(await outcomeOf(ones('/a'))).toBe('more than 10 redirects');
    expect(asked).toHaveLength(11);
  });

  it.each([
    ['no URL', 'http://[', 'it redirects to what is no URL'],
    ['another scheme', 'file:///etc/passwd', 'file: is neither http nor https'],
    ['a URL with a password', 'http://me:secret@127.0.0.1/', 'the URL holds a name or a password'],
  ])('to %s is refused', async (_, location, outcome) => {
    leads = { 'one/a': location };
    expect(await outcomeOf(ones('/a'))).toBe(outcome);
  });

  it('without a place is an answer', async () => {
    leads = { 'one/304': 'x' };
    expect(await outcomeOf(ones('/304'))).toBe('304 ');
  });
});
