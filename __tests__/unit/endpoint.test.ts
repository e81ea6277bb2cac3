import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../src/maas/endpoint.js';
import { failureOf } from '../helpers/failures.js';

describe('the base URL of a service', () => {
  it.each([
    ['with its version', 'https://maas.example.com/v1', 'https://maas.example.com/v1'],
    ['without a version', 'https://maas.example.com', 'https://maas.example.com/v1'],
    ['with slashes at the end', 'https://maas.example.com/v1///', 'https://maas.example.com/v1'],
    ['with a doubled slash', 'https://maas.example.com/v1//models', 'https://maas.example.com/v1'],
    ['with a slash and no version', 'https://maas.example.com/', 'https://maas.example.com/v1'],
    ['with spaces around it', '  https://maas.example.com/v1\n', 'https://maas.example.com/v1'],
    ['with a query', 'https://maas.example.com/v1?user=1', 'https://maas.example.com/v1'],
    ['with a fragment', 'https://maas.example.com/v1#top', 'https://maas.example.com/v1'],
    ['with a port', 'http://maas.example.com:8080/v1', 'http://maas.example.com:8080/v1'],
    ['with the default port', 'https://maas.example.com:443/v1', 'https://maas.example.com/v1'],
    ['with a prefix', 'https://gw.example.com/llm', 'https://gw.example.com/llm/v1'],
    ['with a prefix and a version', 'https://gw.example.com/llm/v1', 'https://gw.example.com/llm/v1'],
    ['with another version', 'https://gw.example.com/v2', 'https://gw.example.com/v2'],
    ['with a version in the middle', 'https://gw.example.com/v1beta/openai', 'https://gw.example.com/v1beta/openai'],
    ['with a part that only begins like one', 'https://gw.example.com/vllm', 'https://gw.example.com/vllm/v1'],
    ['with a host in capitals', 'HTTPS://MaaS.Example.com/V', 'https://maas.example.com/V/v1'],
    ['of an IPv4 address', 'http://172.17.0.1:8000', 'http://172.17.0.1:8000/v1'],
    ['of an IPv6 address', 'http://[fd00::1]:8000/v1', 'http://[fd00::1]:8000/v1'],
    ['of a host that only begins like the loopback', 'https://127.example.com', 'https://127.example.com/v1'],
    ['of a host that only ends like the loopback', 'https://mylocalhost', 'https://mylocalhost/v1'],
  ])('%s', (_, text, baseUrl) => {
    expect(parseEndpoint(text)).toEqual({ baseUrl });
  });

  it.each(['chat/completions', 'completions', 'embeddings', 'models', 'responses'])('of its route /%s', (route) => {
    expect(parseEndpoint(`https://h.example/v1/${route}`).baseUrl).toBe('https://h.example/v1');
    expect(parseEndpoint(`https://h.example/${route}/`).baseUrl).toBe('https://h.example/v1');
  });

  it('stays what it is when it is read again', () => {
    const host = fc.domain();
    const port = fc.option(fc.integer({ min: 1, max: 65535 }));
    const names = fc.constantFrom('v1', 'v2', 'api', 'llm', 'v1beta', 'openai', 'maas-x', 'a.b', 'V1', 'x%20y');
    const path = fc.array(names, { maxLength: 4 });
    const route = fc.constantFrom('', '/', '//', '/models', '/chat/completions', '/embeddings/', '?q=1', '#f');
    fc.assert(
      fc.property(fc.constantFrom('http', 'https'), host, port, path, route, (scheme, name, number, parts, end) => {
        const written = [`${scheme}://${name}${number === null ? '' : `:${number}`}`, ...parts].join('/') + end;
        const { baseUrl } = parseEndpoint(written);
        expect(parseEndpoint(baseUrl)).toEqual({ baseUrl });
        expect(baseUrl).not.toMatch(/\/$|[?#]/);
        expect(baseUrl).toMatch(/\/v\d/);
      }),
    );
  });
});

describe('what is no base URL', () => {
  it.each([
    ['empty', '', /is empty/],
    ['blank', '  \n', /is empty/],
    ['without a scheme', 'maas.example.com/v1', /not a URL/],
    ['a host and a port', 'maas.example.com:8080', /not a URL/],
    ['a sentence', 'the service', /not a URL/],
    ['a file', 'file:///etc/passwd', /not a URL/],
    ['ftp', 'ftp://maas.example.com', /neither http nor https/],
    ['a web socket', 'wss://maas.example.com/v1', /neither http nor https/],
  ])('%s is refused', async (_, text, message) => {
    const failure = await failureOf(() => parseEndpoint(text));
    expect([failure.code, failure.hop]).toEqual(['E_ENDPOINT', 'inputs']);
    expect(failure.message).toMatch(/^input maas-endpoint /);
    expect(failure.message).toMatch(message);
    expect(failure.fix).toContain('http');
  });

  it.each([
    'https://bob:hunter22@h.example',
    'https://hunter22@h.example/v1',
    'https://:hunter22@h.example',
    'https://bob:2024#hunter22@h.example/v1',
    'https://bob:2024?hunter22@h.example/v1',
    'https://bob:2024/hunter22@h.example/v1',
  ])('credentials are refused and not repeated: %s', async (text) => {
    const failure = await failureOf(() => parseEndpoint(text));
    expect(failure.message).toContain('holds credentials');
    expect(failure.message + failure.fix).not.toContain('hunter22');
  });

  it('a URL that can not be read is not repeated: it may hold a password', async () => {
    const failure = await failureOf(() => parseEndpoint('https://bob:hunter22@h.example:port'));
    expect(failure.message + failure.fix).not.toContain('hunter22');
  });

  it.each([
    'http://localhost:8080/v1',
    'http://LOCALHOST',
    'http://localhost.',
    'http://api.localhost/v1',
    'http://127.0.0.1',
    'http://127.8.9.1:1234',
    'http://127.1',
    'http://2130706433',
    'http://0.0.0.0:8000',
    'http://[::1]:8000',
    'http://[0:0:0:0:0:0:0:1]',
    'http://[::]',
    'http://[::ffff:127.0.0.1]:8000',
  ])('loopback %s is refused: pods can not reach it', async (text) => {
    const failure = await failureOf(() => parseEndpoint(text));
    expect(failure.message).toMatch(/names this machine .*pods of the cluster can not reach/);
    expect(failure.fix).toContain('docker bridge');
  });
});
