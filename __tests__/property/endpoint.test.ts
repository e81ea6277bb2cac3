import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunError } from '../../src/errors.js';
import { parseEndpoint } from '../../src/maas/endpoint.js';

const ROUTES = ['/chat/completions', '/completions', '/embeddings', '/models', '/responses'];

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('0.0.0.0');
loopback.addAddress('::1', 'ipv6');
loopback.addAddress('::', 'ipv6');

function isLoopback(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  if (family) return loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
  return /(^|\.)localhost\.?$/.test(hostname);
}

/** The base URL, or the error that refuses it. Anything else that is thrown fails the test. */
function read(text: string): string | RunError {
  try {
    return parseEndpoint(text).baseUrl;
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
}

function expectBaseUrl(baseUrl: string): void {
  const url = new URL(baseUrl);
  expect(['http:', 'https:']).toContain(url.protocol);
  expect([url.username, url.password, url.search, url.hash]).toEqual(['', '', '', '']);
  expect(baseUrl).not.toMatch(/[?#\s]|\/$/);
  expect(url.pathname.split('/').some((segment) => /^v\d/.test(segment))).toBe(true);
  expect(isLoopback(url.hostname)).toBe(false);
  expect(read(baseUrl)).toBe(baseUrl);
}

const scheme = fc.constantFrom('http', 'https');
const address = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().map((ip) => `[${ip}]`),
);
const host = address.filter(
  (name) => URL.canParse(`http://${name}`) && !isLoopback(new URL(`http://${name}`).hostname),
);
const port = fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined });
const prefix = fc.array(fc.constantFrom('api', 'llm', 'vllm', 'V', 'a.b', 'x%20y', 'models-x', 'openai'), {
  maxLength: 3,
});
const version = fc.constantFrom('v1', 'v2', 'v1beta', 'v1.1', 'v10');
const slashes = fc.constantFrom('', '/', '//', '///');

describe('whatever is written', () => {
  const loneSurrogate = fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code));
  const anything = fc.string({ unit: 'binary', maxLength: 60 });
  const piece = fc.oneof(
    fc.constantFrom(
      'http:',
      'https:',
      'HTTPS:',
      'ftp:',
      '//',
      '/',
      '\\',
      '@',
      ':',
      '?',
      '#',
      '[',
      ']',
      '%',
      '%2f',
      '..',
    ),
    fc.constantFrom('h.example', 'localhost', '127.1', '0x7f.1', '[::1]', '[::ffff:7f00:1]', 'ⓛocalhost', '。', 'xn--'),
    fc.constantFrom(
      '8080',
      '99999',
      'v1',
      '/v1',
      'user',
      ' ',
      '\t',
      '\n',
      '\0',
      '\u00a0',
      '\ufeff',
      '\u202e',
      ...ROUTES,
    ),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    loneSurrogate,
  );
  const urlLike = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  const afterHost = urlLike.map((rest) => `https://h.example${rest}`);
  const anyHost = fc.tuple(address, urlLike).map(([name, rest]) => `http://${name}/${rest}`);

  it('is a base URL, which stays what it is when it is read again, or refused as an input', () => {
    const text = fc.oneof(anything, fc.webUrl(), urlLike, afterHost, anyHost);
    fc.assert(
      fc.property(text, (written) => {
        const result = read(written);
        if (typeof result === 'string') return expectBaseUrl(result);
        expect(result.hop).toBe('inputs');
        expect(result.message).toMatch(/^input maas-endpoint /);
        expect(result.fix).not.toBe('');
      }),
      { numRuns: 3000 },
    );
  });

  it('is read at once, however long it is', () => {
    const part = fc.oneof(fc.constantFrom(...ROUTES, '/', '//', '/v', ' ', '%', '@', '['), fc.string({ maxLength: 4 }));
    const length = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(part, part, length, part, (head, repeated, times, tail) => {
        const begun = performance.now();
        read(`https://h.example${head}${repeated.repeat(times)}${tail}`);
        expect(performance.now() - begun).toBeLessThan(1000);
      }),
    );
  });
});

describe('a URL with credentials', () => {
  const secret = fc.oneof(
    fc.string({ minLength: 6, maxLength: 40 }),
    fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme' }),
    fc.base64String({ minLength: 8, maxLength: 40 }),
  );
  const userInfo = fc.oneof(
    fc.record({ user: secret, password: secret }),
    fc.record({ user: secret, password: fc.constant('') }),
    fc.record({ user: fc.constant(''), password: secret }),
  );
  const rest = fc.constantFrom('', '/v1', '/v1/models', ':8080/v1', ':99999', ':port', '/?a=b', '#f');

  it('is refused, and its user and password are not repeated', () => {
    const where = fc.oneof(address, fc.constantFrom('localhost', '127.0.0.1', '[::1]', '', 'not a host'));
    const anyScheme = fc.constantFrom('http', 'https', 'HTTPS', 'ftp', 'wss', 'postgres');
    fc.assert(
      fc.property(anyScheme, userInfo, where, rest, (protocol, { user, password }, name, end) => {
        const [encodedUser, encodedPassword] = [encodeURIComponent(user), encodeURIComponent(password)];
        const colon = password ? ':' : '';
        const result = read(`${protocol}://${encodedUser}${colon}${encodedPassword}@${name}${end}`);
        if (typeof result === 'string') return expect.unreachable(result);
        expect(result.hop).toBe('inputs');
        const shown = `${result.message}\n${result.fix}\n${result.evidence.join('\n')}`;
        for (const part of [user, password, encodedUser, encodedPassword].filter(Boolean)) {
          expect(shown).not.toContain(part);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the URL of a service', () => {
  it('keeps its scheme, host, port, path and version', () => {
    fc.assert(
      fc.property(scheme, host, port, prefix, version, (protocol, name, number, parts, versionPart) => {
        const authority = `${protocol}://${name}${number === undefined ? '' : `:${number}`}`;
        const path = ['', ...parts, versionPart].join('/');
        const result = read(authority + path);
        if (typeof result !== 'string') throw result;
        expectBaseUrl(result);
        const [url, written] = [new URL(result), new URL(authority)];
        expect([url.protocol, url.hostname, url.port]).toEqual([written.protocol, written.hostname, written.port]);
        expect(url.pathname).toBe(path);
      }),
    );
  });

  it('without a version gets /v1 behind its path', () => {
    fc.assert(
      fc.property(scheme, host, prefix, slashes, (protocol, name, parts, end) => {
        const { origin } = new URL(`${protocol}://${name}`);
        expect(read(`${[origin, ...parts].join('/')}${end}`)).toBe([origin, ...parts, 'v1'].join('/'));
      }),
    );
  });

  it('is the same with a route, slashes, a query, a fragment or spaces', () => {
    const base = fc
      .tuple(scheme, host, port, prefix, fc.option(version, { nil: undefined }))
      .map(([protocol, name, number, parts, versionPart]) =>
        [
          `${protocol}://${name}${number === undefined ? '' : `:${number}`}`,
          ...parts,
          ...(versionPart ? [versionPart] : []),
        ].join('/'),
      );
    const route = fc.array(fc.constantFrom(...ROUTES), { maxLength: 2 }).map((routes) => routes.join(''));
    const withoutAt = (text: string) => text.replaceAll('@', ''); // what ends in one may be a password
    const query = fc.oneof(
      fc.constant(''),
      fc.webQueryParameters().map((written) => `?${withoutAt(written)}`),
    );
    const fragment = fc.oneof(
      fc.constant(''),
      fc.webFragments().map((written) => `#${withoutAt(written)}`),
    );
    const space = fc.constantFrom('', ' ', '\n', '\r\n', '\t ');
    fc.assert(
      fc.property(base, slashes, route, slashes, query, fragment, space, (url, middle, path, end, q, f, around) => {
        const gap = path ? middle : '';
        expect(read(`${around}${url}${gap}${path}${end}${q}${f}${around}`)).toBe(read(url));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the loopback', () => {
  it('is refused in every way it can be written', () => {
    const byte = fc.nat(255);
    const name = fc.oneof(
      fc.tuple(byte, byte, byte).map(([b, c, d]) => `127.${b}.${c}.${d}`),
      fc.tuple(byte, byte, byte).map(([b, c, d]) => `0x7f.${b}.${c}.0x${d.toString(16)}`),
      fc.tuple(byte, byte, byte).map(([b, c, d]) => String(127 * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d)),
      fc.tuple(byte, byte, byte).map(([b, c, d]) => `[::ffff:127.${b}.${c}.${d}]`),
      fc.domain().map((domain) => `${domain}.LocalHost`),
      fc.constantFrom('localhost', 'localhost.', '0', '0.0.0.0', '[::]', '[0::0:1]', '[::ffff:0.0.0.0]', '127.0.0.1.'),
    );
    fc.assert(
      fc.property(scheme, name, port, version, (protocol, written, number, versionPart) => {
        const result = read(`${protocol}://${written}${number === undefined ? '' : `:${number}`}/${versionPart}`);
        if (typeof result === 'string') return expect.unreachable(result);
        expect(result.message).toContain('names this machine');
      }),
      { numRuns: 500 },
    );
  });
});
