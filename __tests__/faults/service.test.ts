import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import type { Answer } from '../helpers/mirror.js';
import { json, listen, ownAddress } from '../helpers/network.js';
import { expectFault, expectPast, wholeRun } from '../helpers/whole-run.js';

// all at the same time: most of it is waiting
vi.setConfig({ testTimeout: 180_000, maxConcurrency: 30 });

type Say = (response: ServerResponse) => void;

/** Says the same to everything, or to what ends like this. */
const always =
  (say: Say, ending = ''): Answer =>
  (path, _, response) => {
    if (!path.endsWith(ending)) return false;
    say(response);
    return true;
  };
const says =
  (status: number, type: string, body: string): Say =>
  (response) =>
    response.writeHead(status, { 'content-type': type }).end(body);
const CHAT = '/chat/completions';

describe.concurrent('fault 17: the model service refuses the key', () => {
  it.each([
    [
      '401 and JSON',
      401,
      'application/json',
      '{"error": {"message": "Incorrect API key provided", "code": "invalid"}}',
    ],
    ['401 and a string', 401, 'application/json', '{"error":"Unauthorized"}'],
    ['403 and text', 403, 'text/plain', 'Authentication failed'],
  ])('%s: asked once', async (_, status, type, body) => {
    const run = await wholeRun({ service: always(says(status, type, body)) });
    expectFault(run, 17);
    expect(run.asked).toEqual(['/v1/models']);
    const said = /Incorrect API key provided|Unauthorized|Authentication failed/.exec(body)?.[0];
    expect(run.error).toContain(`refuses the key (HTTP ${status}): ${said}. Fix`);
  });
});

describe.concurrent('fault 18: the model service limits the rate', () => {
  const limited =
    (headers: () => Record<string, string>): Say =>
    (response) =>
      json(response, 429, { error: { message: 'Too many requests' } }, headers());
  /** ms between the questions. */
  const gaps = (at: number[]) => at.slice(1).map((time, index) => time - (at[index] ?? 0));
  const timed = (at: number[], say: Say): Say => {
    return (response) => {
      at.push(Date.now());
      say(response);
    };
  };
  /** Nothing is asked after an answer that comes later than 65 s after the first attempt, which begins seconds before it arrives on
   * a busy machine; a pause is 18 s at the most. */
  const expectMinute = (at: number[]) => {
    const all = (at.at(-1) ?? 0) - (at[0] ?? 0);
    expect(all).toBeGreaterThan(60_000);
    expect(all).toBeLessThan(90_000);
    expect(gaps(at).length).toBeLessThanOrEqual(9);
  };
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString();

  it.each<[string, number, Say]>([
    ['Retry-After 0', 400, limited(() => ({ 'retry-after': '0' }))],
    ['Retry-After -1', 400, limited(() => ({ 'retry-after': '-1' }))],
    ['an HTTP date', 1400, limited(() => ({ 'retry-after': inSeconds(2) }))],
    ['garbage', 400, limited(() => ({ 'retry-after': 'soon' }))],
    ['no Retry-After', 400, limited(() => ({}))],
    ['403 "Limits exceeded"', 400, says(403, 'text/plain', 'Limits exceeded')],
  ])('%s: asked less and less, for a minute and not for ever', async (_, leastMs, say) => {
    const at: number[] = [];
    const run = await wholeRun({ service: always(timed(at, say), CHAT) });
    expectFault(run, 18, 'any other wait');
    expectMinute(at);
    expect(Math.min(...gaps(at))).toBeGreaterThan(leastMs);
    expect(Math.max(...gaps(at))).toBeGreaterThan(15_000);
  });

  it.each(['insufficient_quota', 'no subscription for this key'])('%s: asked once', async (message) => {
    const spent: Say = (response) => json(response, 429, { error: { message } }, { 'retry-after': '1' });
    const run = await wholeRun({ service: always(spent, CHAT) });
    expectFault(run, 18, 'no quota');
    expect(run.asked.filter((path) => path.endsWith(CHAT))).toHaveLength(1);
  });

  it('Retry-After 120: that long is not waited', async () => {
    const run = await wholeRun({
      service: always(
        limited(() => ({ 'retry-after': '120' })),
        CHAT,
      ),
    });
    expectFault(run, 18, 'a wait of two minutes');
    expect(run.asked.filter((path) => path.endsWith(CHAT))).toHaveLength(1);
    expect(run.main.seconds).toBeLessThan(20);
  });

  it('the list of models is limited as well: it is not asked for again before the time', async () => {
    const at: number[] = [];
    const run = await wholeRun({
      service: always(
        timed(
          at,
          limited(() => ({ 'retry-after': '1' })),
        ),
      ),
    });
    expectFault(run, 18, 'any other wait');
    expectMinute(at);
    expect(Math.min(...gaps(at))).toBeGreaterThan(1400);
    expect(run.error).not.toMatch(/\b0 requests of this run/);
  });

  it('for a moment: the run goes on', async () => {
    let refused = 0;
    const once: Answer = (path, _, response) => {
      if (!path.endsWith(CHAT) || (refused += 1) > 1) return false;
      limited(() => ({ 'retry-after': '1' }))(response);
      return true;
    };
    expectPast(await wholeRun({ service: once }));
  });
});

describe.concurrent('fault 19: a server that speaks no TLS', () => {
  it('is told from one that is away: asked once', async () => {
    let connections = 0;
    const plain = await listen(() => undefined, '0.0.0.0');
    plain.server.on('connection', () => (connections += 1));
    const run = await wholeRun({ inputs: { 'maas-endpoint': `https://${ownAddress()}:${plain.port}/v1` } });
    await plain.close();
    expectFault(run, 19, 'wrong scheme');
    expect(connections).toBe(1);
  });
});

describe.concurrent('fault 19: what answers is no working API', () => {
  const page = '<html><head><title>Bad Gateway</title></head><body>nginx</body></html>';
  const hung: Say = () => undefined;
  const hungBody: Say = (response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":');

  it.each<[string, string, Answer, number]>([
    ['502 and a page', 'down', always(says(502, 'text/html', page)), 30],
    ['503 and a page', 'down', always(says(503, 'text/html', page)), 30],
    ['504 and a page', 'down', always(says(504, 'text/html', page)), 30],
    ['200 and a page', 'no API', always(says(200, 'text/html', page)), 15],
    ['200 and {}', 'no API', always(says(200, 'application/json', '{}')), 15],
    ['a completion without choices', 'no choices', always(says(200, 'application/json', '{"choices":[]}'), CHAT), 15],
    ['headers that do not come', 'hangs', always(hung), 40],
    ['a body that does not end', 'hangs', always(hungBody), 40],
    ['a completion that does not come', 'hangs', always(hung, CHAT), 40],
  ])('%s: never a pass', async (_, variant, service, seconds) => {
    const run = await wholeRun({ service, inputs: { timeout: '35s' } }); // more than the deadline of one call
    expectFault(run, 19, variant);
    expect(run.main.seconds).toBeLessThan(seconds);
  });
});
