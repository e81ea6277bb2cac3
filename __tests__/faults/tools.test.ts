import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Answer } from '../helpers/mirror.js';
import { expectFault, expectLine, expectPast, filesBelow, wholeRun, type WholeRun } from '../helpers/whole-run.js';

vi.setConfig({ testTimeout: 60_000, maxConcurrency: 8 });

const isChecksum = (path: string) => /\.sha256(sum)?$/.test(path);
const ofKind = (path: string) => path.includes('/kind-');
const isKind = (path: string) => ofKind(path) && !isChecksum(path);

/** Answers what is asked for kind itself; the rest is as ever. */
const forKind =
  (answer: (response: Parameters<Answer>[2]) => void, whether = isKind): Answer =>
  (path, _, response) => {
    if (!whether(path)) return false;
    answer(response);
    return true;
  };
const page = '<!doctype html><title>Sign in</title>';
const kindsIn = ({ cached }: WholeRun) => cached.filter((path) => path.includes('maas-e2e-kind'));
const times = ({ fetched }: WholeRun, whether = isKind) => fetched.filter(whether).length;

describe.concurrent('fault 8: a tool that the mirror does not hand over', () => {
  it.each([404, 403])('HTTP %i: asked for once; version, URL and a way out are named', async (status) => {
    const mirror = forKind((response) => response.writeHead(status).end('no'), ofKind);
    const run = await wholeRun({ mirror });
    expectFault(run, 8);
    expect(times(run, ofKind)).toBe(1);
    expect(run.error).toMatch(
      /kind 0\.31\.0: http:\/\/127\.0\.0\.1:\d+\/kubernetes-sigs\/kind\/releases\/download\/v0\.31\.0\/kind-\S+ can not be downloaded/,
    );
    expect(run.error).toContain(`HTTP ${status}`);
    expect(run.error).toMatch(/Fix: .*tools-mirror/);
  });
});

describe.concurrent('fault 9: a download that does not arrive whole', () => {
  it('503 for ever: asked for three times', async () => {
    const run = await wholeRun({ mirror: forKind((response) => response.writeHead(503).end(page)) });
    expectFault(run, 9, '503');
    expectLine(run, 9, '503 for a moment');
    expect([times(run), kindsIn(run)]).toEqual([3, []]);
  });

  it('503 with a Retry-After: waited for, and the run goes on', async () => {
    const at: number[] = [];
    const mirror: Answer = (path, _, response) => {
      if (!isKind(path) || at.push(Date.now()) > 1) return false;
      response.writeHead(503, { 'retry-after': '1' }).end(page);
      return true;
    };
    const run = await wholeRun({ mirror });
    expectPast(run);
    expectLine(run, 9, '503 for a moment');
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(900);
    expect(kindsIn(run)).not.toEqual([]);
  });

  it('cut off: asked for again, never cached', async () => {
    const cut = forKind((response) => {
      response.writeHead(200, { 'content-length': 100_000 }).write('x'.repeat(50_000), () => response.destroy());
    });
    const run = await wholeRun({ mirror: cut });
    expectFault(run, 9, 'cut off');
    expect([times(run), kindsIn(run)]).toEqual([3, []]);
  });

  it.each([
    ['a page', page],
    ['nothing', ''],
  ])('%s under status 200: asked for again, then a checksum failure, never cached', async (_, body) => {
    const run = await wholeRun({ mirror: forKind((response) => response.end(body)) });
    expectFault(run, 9, 'a page or nothing');
    expect([times(run), kindsIn(run)]).toEqual([2, []]);
  });

  it('a page in place of the checksum file, too: nothing is proven, so nothing is taken', async () => {
    const run = await wholeRun({ mirror: forKind((response) => response.end(page), ofKind) });
    expectFault(run, 9, 'a page everywhere');
    expect([times(run, ofKind), times(run), kindsIn(run)]).toEqual([2, 0, []]);
  });
});

describe.concurrent('fault 10: other bytes than were published', () => {
  const wrong = forKind((response) => response.end('#!/bin/sh\necho not kind\n'));

  it("than the mirror's checksum file says: fetched twice, then red", async () => {
    const run = await wholeRun({ mirror: wrong });
    expectFault(run, 10, "mirror's checksum");
    expect([times(run), kindsIn(run)]).toEqual([2, []]);
  });

  it('than are pinned here, with a checksum file that fits them: it is not even asked for', async () => {
    const run = await wholeRun({ inputs: { 'kind-version': '0.32.0' } });
    expectFault(run, 10, 'pinned digest');
    expect([times(run), times(run, (path) => ofKind(path) && isChecksum(path)), kindsIn(run)]).toEqual([2, 0, []]);
  });

  it('than were cached: downloaded anew, and the log says so; what was not changed is taken from the cache', async () => {
    const toolCache = mkdtempSync(join(tmpdir(), 'cache-'));
    expectPast(await wholeRun({ toolCache }));
    const path = filesBelow(toolCache).find((file) => file.endsWith('/kind')) ?? '';
    const good = readFileSync(path);
    const changed = Buffer.from(good);
    changed.writeUInt8(changed.readUInt8(good.length - 2) ^ 1, good.length - 2);
    writeFileSync(path, changed);
    const run = await wholeRun({ toolCache });
    expectPast(run);
    expectLine(run, 10, 'changed in the cache');
    expect([times(run), run.fetched.filter((asked) => !ofKind(asked) && !isChecksum(asked))]).toEqual([1, []]);
    expect(readFileSync(path).equals(good)).toBe(true);
    rmSync(toolCache, { recursive: true });
  });

  it('a cache that can not be written to is done without, and the log says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cache-'));
    writeFileSync(join(folder, 'file'), '');
    const run = await wholeRun({ toolCache: join(folder, 'file', 'tools') });
    expectPast(run);
    expectLine(run, 10, 'cache that can not be written');
    rmSync(folder, { recursive: true });
  });
});
