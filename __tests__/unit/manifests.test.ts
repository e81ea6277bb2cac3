import { describe, expect, it, vi } from 'vitest';
import type { Kubectl } from '../../src/deploy/kubectl.js';
import { applyManifests, fetchManifests, readManifests, type Manifests } from '../../src/deploy/manifests.js';
import { RunError } from '../../src/errors.js';
import { DownloadFailure } from '../../src/provision/download-failure.js';
import { useClock } from '../helpers/clock.js';
import { failureOf } from '../helpers/failures.js';
import { memoryFiles, memoryToolCache, sha256, type Served } from '../helpers/memory.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const at = ({ places }: Manifests) => places.map((place) => place.at);
const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: llm}\n';

describe("the user's own manifests", () => {
  it('are files, whose objects are known, and URLs, which nobody has seen', async () => {
    const files = memoryFiles({ '/ws/a.yaml': SECRET });
    const read = await readManifests(['https://x.example/b.yaml', 'a.yaml'], '/ws', files);
    expect(at(read)).toEqual(['https://x.example/b.yaml', '/ws/a.yaml']);
    expect(read.unseen).toBe(true);
    expect(read.objects.map(({ kind, name }) => [kind, name])).toEqual([['Secret', 'llm']]);
    expect((await readManifests(['a.yaml'], '/ws', files)).unseen).toBe(false);
  });

  it.each([
    ['b.yaml', 'E_WORKSPACE', /there is no file b\.yaml/],
    ['http://x.example/b.yaml', 'E_PRE_INSTALL', /: http:\/\/x\.example\/b\.yaml is not an https URL$/],
    ['file:///etc/passwd', 'E_PRE_INSTALL', /: file:\/\/\/etc\/passwd is not an https URL$/],
    ['https://me:s3cr3t@x.example/b.yaml', 'E_PRE_INSTALL', /: https:\/\/x\.example\/b\.yaml holds credentials$/],
    ['https://x.example/b.yaml#sha256=12', 'E_PRE_INSTALL', /: https:\/\/x\.example\/b\.yaml has something else than/],
    ['https://x.example/b.yaml#s3cr3t', 'E_PRE_INSTALL', /: https:\/\/x\.example\/b\.yaml has something else than/],
    [
      'broken.yaml',
      'E_PRE_INSTALL',
      /: broken\.yaml is not valid YAML at line 2: [^\n]+$/,
      { file: 'broken.yaml', line: 2 },
    ],
    [
      'alias.yaml',
      'E_PRE_INSTALL',
      /: alias\.yaml is not valid YAML at line 3: alias \*nowhere has no anchor before it/,
      { file: 'alias.yaml', line: 3 },
    ],
    ['page.yaml', 'E_PRE_INSTALL', /: page\.yaml is a web page, and no manifest$/, { file: 'page.yaml' }],
    ['empty.yaml', 'E_PRE_INSTALL', /: empty\.yaml has no object of Kubernetes in it$/, { file: 'empty.yaml' }],
  ])('%s is refused by name', async (name, code, message, place?) => {
    const broken = {
      '/ws/broken.yaml': 'a: 1\nb: c: d\n',
      '/ws/alias.yaml': 'a: 1\n---\nb: *nowhere\n',
      '/ws/page.yaml': '<html>',
      '/ws/empty.yaml': '# none\n',
    };
    const failure = await failureOf(() => readManifests([name], '/ws', memoryFiles(broken)));
    expect([failure.code, failure.hop, failure.place]).toEqual([code, 'inputs', place]);
    expect(failure.message).toMatch(message);
  });
});

describe("the user's manifests at URLs", () => {
  const URLS = ['https://x.example/a.yaml', 'https://x.example/b.yaml'];
  const OPERATOR = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: o}\nspec: {template: {spec: {}}}\n';

  async function fetched(site: Record<string, Served>, names = URLS) {
    const files = memoryFiles({ '/ws/c.yaml': SECRET });
    const brought = await readManifests(names, '/ws', files);
    const toolCache = memoryToolCache(files, site);
    const means = { files, toolCache, pause: () => Promise.resolve(), say: () => undefined };
    return { ...(await fetchManifests(brought, '/t', means)), asked: toolCache.downloads };
  }

  it('are fetched once, before there is a cluster, and applied as they were read', async () => {
    const site = { 'https://x.example/a.yaml': SECRET, 'https://x.example/b.yaml': SECRET.replace('llm', 'b') };
    const { brought, asked } = await fetched(site, [URLS[0]!, 'c.yaml', URLS[1]!]);
    expect(asked).toEqual(URLS);
    expect(at(brought)).toEqual(['/t/download-1', '/ws/c.yaml', '/t/download-2']);
    expect(brought.objects.map(({ name }) => name).sort()).toEqual(['b', 'llm', 'llm']);
    expect(brought.unseen).toBe(false);
  });

  it('may bring more than they say where they bring what runs: an operator defines and makes things', async () => {
    const site = { 'https://x.example/a.yaml': SECRET, 'https://x.example/b.yaml': OPERATOR };
    const { brought } = await fetched(site);
    expect([brought.unseen, brought.objects.length]).toEqual([true, 2]);
  });

  it('are asked for without their digest, with their query, and are taken where they have it', async () => {
    const url = 'https://x.example/a.yaml?sig=s3cr3t';
    const { brought, asked, securityNotes } = await fetched({ [url]: SECRET }, [
      `${url}#sha256=${sha256(SECRET).toUpperCase()}`,
    ]);
    expect([asked, securityNotes]).toEqual([[url], []]);
    expect(brought.places[0]).toMatchObject({ name: 'https://x.example/a.yaml', at: '/t/download-1' });
  });

  it('without a digest are a security note, which says how to pin them', async () => {
    const { securityNotes } = await fetched({ 'https://x.example/a.yaml': SECRET }, [URLS[0]!]);
    expect(securityNotes).toEqual([expect.stringContaining(`Fix: append #sha256=${sha256(SECRET)} to its URL.`)]);
  });

  it('with another digest end the run, which names both', async () => {
    const wanted = 'ab'.repeat(32);
    const url = 'https://x.example/a.yaml?sig=s3cr3t';
    const failure = await failureOf(() => fetched({ [url]: SECRET }, [`${url}#sha256=${wanted}`]));
    expect([failure.code, failure.hop]).toEqual(['E_CHECKSUM', 'inputs']);
    expect(failure.message).toContain(`has SHA-256 ${sha256(SECRET)}, expected ${wanted}`);
    expect(failure.message + failure.fix).not.toContain('s3cr3t');
  });

  it('that are not there for a moment are fetched again', async () => {
    const down = new DownloadFailure('HTTP 503', { status: 503 });
    const { brought } = await fetched({ 'https://x.example/a.yaml': [down, SECRET] }, [URLS[0]!]);
    expect(brought.objects).toHaveLength(1);
  });

  it.each<[Served, RegExp]>([
    [new DownloadFailure('HTTP 404', { status: 404 }), /: https:\/\/x\.example\/a\.yaml cannot be fetched: HTTP 404$/],
    [
      new DownloadFailure('it redirects from https to http (x.example)'),
      /: https:\/\/x\.example\/a\.yaml cannot be fetched: it redirects from https to http \(x\.example\), 3 times$/,
    ],
    ['\n<!DOCTYPE html>\n<a: [', /: https:\/\/x\.example\/a\.yaml is a web page, and no manifest$/],
    ['just text', /: https:\/\/x\.example\/a\.yaml has no object of Kubernetes in it$/],
    ['a: 1\nb: c: d\n', /: https:\/\/x\.example\/a\.yaml is not valid YAML at line 2: /],
  ])('that are none end the run: %s', async (served, message) => {
    const failure = await failureOf(() => fetched({ 'https://x.example/a.yaml': served }, [URLS[0]!]));
    expect([failure.code, failure.hop, failure.place]).toEqual(['E_PRE_INSTALL', 'inputs', undefined]);
    expect(failure.message).toMatch(message);
  });

  it('are not fetched where the run ends, or the disk is full: that is what is told', async () => {
    await expect(fetched({ 'https://x.example/a.yaml': new Error('cancelled') })).rejects.toThrow('cancelled');
  });

  it('are none where there are none', async () => {
    expect((await fetched({}, ['c.yaml'])).asked).toEqual([]);
  });
});

/** kubectl of which each call of a kind fails as often as errors are given; `text` names the namespace, as the real one does. */
function kubectlWith(errors: Record<string, string[]> = {}): Kubectl & { ran: string[] } {
  const ran: string[] = [];
  const call = (...args: string[]) => {
    ran.push(args.join(' '));
    const message = errors[args[0] === 'apply' ? 'apply' : args.includes('deployments') ? 'deployments' : '']?.shift();
    return message === undefined
      ? Promise.resolve('')
      : Promise.reject(new RunError('E_CLUSTER', 'cluster', `kubectl failed: ${message}`, ''));
  };
  return {
    ran,
    get: () => Promise.resolve([]),
    apply: () => Promise.resolve(),
    text: (...args) => call(...args, '--namespace', 'rag-e2e'),
    clusterText: call,
  };
}

const URL = 'https://x.example/b.yaml';
const PLACES = [
  { name: 'a.yaml', at: '/ws/a.yaml' },
  { name: URL, at: URL },
];
const MANIFESTS = { places: PLACES, objects: [], unseen: true };
const { signal } = new AbortController();

describe('before the chart', () => {
  it('nothing is asked of the cluster where there are none', async () => {
    const kubectl = kubectlWith();
    await applyManifests({ places: [], objects: [], unseen: false }, 'rag-e2e', kubectl, signal);
    expect(kubectl.ran).toEqual([]);
  });

  it('they are applied in their order; then their kinds and all Deployments are waited for', async () => {
    const kubectl = kubectlWith();
    await applyManifests(MANIFESTS, 'rag-e2e', kubectl, signal);
    const [context, first = '', , , last = ''] = kubectl.ran;
    expect(context).toBe('config set-context --current --namespace=rag-e2e');
    expect(first).not.toContain(' --namespace'); // kubectl refuses what names another one then
    expect(first).toContain(' --server-side '); // a definition may be too large for an annotation
    expect(last).toMatch(/ --for=condition=Available .*--all-namespaces /);
    expect(kubectl.ran.slice(1).map((args) => args.replace(/ --.*? (?=-f|crd|deployments)/, ' '))).toEqual([
      expect.stringMatching(/^apply .*-f \/ws\/a\.yaml$/),
      expect.stringMatching(/^apply .*-f https:\/\/x\.example\/b\.yaml$/),
      expect.stringMatching(/^wait .*crd/),
      expect.stringMatching(/^wait .*deployments$/),
    ]);
  });

  it.each(['no matches for kind "Widget"', 'ensure CRDs are installed first', 'failed calling webhook "x"'])(
    'one is applied again while the cluster learns of it: %s',
    async (message) => {
      const kubectl = kubectlWith({ apply: [message, message] });
      await applyManifests(MANIFESTS, 'rag-e2e', kubectl, signal);
      expect(kubectl.ran.filter((args) => args.startsWith('apply'))).toHaveLength(4);
    },
  );

  it('one that is applied again is so after a second: the cluster needs a moment', async () => {
    const before = Date.now();
    await applyManifests(
      MANIFESTS,
      'rag-e2e',
      kubectlWith({ apply: Array<string>(4).fill('no matches for kind') }),
      signal,
    );
    expect(Date.now() - before).toBe(4000);
  });

  it.each([
    ['what does not heal', { apply: ['the server says no'] }, 1, /: a\.yaml can not be applied: .*says no/],
    ['a kind that never comes', { apply: Array<string>(9).fill('no matches for kind') }, 5, /can not be applied/],
    ['a wait that makes no sense', { deployments: ['no such flag'] }, 2, /does not get available: .*no such flag/],
    ['what stays down', { deployments: Array<string>(20).fill('timed out waiting') }, 2, /does not get available/],
  ])('%s ends the run', async (_, errors, applied, message) => {
    const kubectl = kubectlWith(errors);
    const failure = await failureOf(() => applyManifests(MANIFESTS, 'rag-e2e', kubectl, signal));
    expect([failure.code, failure.hop]).toEqual(['E_PRE_INSTALL', 'chart']);
    expect(failure.message).toMatch(message);
    expect(kubectl.ran.filter((args) => args.startsWith('apply'))).toHaveLength(applied);
  });

  it('Deployments that need longer than one wait are waited for again, ten times in all', async () => {
    const late = (times: number) => kubectlWith({ deployments: Array<string>(times).fill('timed out waiting') });
    const waits = ({ ran }: { ran: string[] }) => ran.filter((args) => args.endsWith('deployments')).length;
    const [just, never] = [late(9), late(10)];
    await applyManifests(MANIFESTS, 'rag-e2e', just, signal);
    await failureOf(() => applyManifests(MANIFESTS, 'rag-e2e', never, signal));
    expect([waits(just), waits(never)]).toEqual([10, 10]);
  });

  it('a run that is cancelled waits no longer, and its reason is the cancellation', async () => {
    const cancelled = new AbortController();
    const reason = new Error('cancelled');
    const kubectl = kubectlWith({ deployments: ['timed out waiting'] });
    const ended = applyManifests(MANIFESTS, 'rag-e2e', kubectl, cancelled.signal);
    cancelled.abort(reason);
    await expect(ended).rejects.toBe(reason);
    expect(kubectl.ran.filter((args) => args.endsWith('deployments'))).toHaveLength(1);
  });
});
