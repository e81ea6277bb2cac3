import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StepResult } from '../../e2e/runner.mjs';
import { errorLine, job, leaks, runMain, service, withDocker, workspace } from '../helpers/main-step.js';
import { json, listen } from '../helpers/network.js';
import { KEY, startService } from '../helpers/service.js';

function outcomeOf({ code, log }: StepResult): { code: number | null; result: string | undefined; error: string } {
  return { code, result: job?.outputs()['result'], error: errorLine(log) };
}

describe('bad input ends the run before anything is made', () => {
  const cases: [string, Record<string, string>, RegExp][] = [
    ['no key', { 'api-key': '' }, /inputs: input api-key is empty.*Fix: .*secrets/],
    ['a short key', { 'api-key': 'abc1234' }, /input api-key has fewer than 8 characters/],
    ['a key with smart quotes', { 'api-key': '“test-key-0123456789”' }, /no HTTP header can carry/],
    ['no endpoint', { 'maas-endpoint': '' }, /input maas-endpoint is empty/],
    [
      'a loopback endpoint',
      { 'maas-endpoint': 'http://127.0.0.1:8080/v1' },
      /pods of the cluster can not reach.*Fix: .*bridge/,
    ],
    ['an endpoint that is no URL', { 'maas-endpoint': 'maas.example.com' }, /is not a URL/],
    [
      'a values file that is not there',
      { 'values-file': 'nothing.yaml' },
      /input values-file: there is no nothing\.yaml/,
    ],
    ['a chart that is not there', { chart: 'deploy' }, /input chart: there is no deploy\/Chart\.yaml/],
    ['set-values that is no mapping', { 'set-values': '- a' }, /input set-values is not a mapping/],
    ['a timeout without a meaning', { timeout: 'soon' }, /input timeout is "soon"/],
    ['a partial version', { 'helm-version': '4' }, /input helm-version is "4"/],
    ['a namespace that Kubernetes refuses', { namespace: 'RAG_e2e' }, /input namespace is "RAG_e2e"/],
  ];
  it.each(cases)('%s', async (_, inputs, message) => {
    const result = await runMain(inputs);
    expect(outcomeOf(result)).toEqual({ code: 1, result: 'failed', error: expect.stringMatching(message) as string });
    expect(service.asked).toEqual([]);
    expect(leaks(result.log, inputs['api-key'] ?? KEY)).toBe(inputs['api-key'] === '');
    expect(result.seconds).toBeLessThan(10);
    expect(job?.summary()).toMatch(/^## ❌ MaaS E2E: failed/);
  });

  it('a values file that is no YAML: file, line and column', async () => {
    writeFileSync(join(workspace, 'values.yaml'), 'a: 1\nb: [1, 2\nc: 3\n');
    expect(errorLine((await runMain({})).log)).toMatch(
      /values file values\.yaml is not valid YAML at line [23], column \d+/,
    );
  });

  it('credentials in the endpoint are never repeated', async () => {
    const { code, log } = await runMain({ 'maas-endpoint': 'https://user:hunter2secret@maas.example.com/v1' });
    expect(code).toBe(1);
    expect(errorLine(log)).toContain('holds credentials');
    expect(log + (job?.summary() ?? '')).not.toContain('hunter2secret');
  });
});

describe('the model service is asked before anything is built', () => {
  it('a wrong key: refused within seconds, hop and fix named, the key nowhere', async () => {
    const result = await runMain({ 'api-key': 'wrong-key-0123456789' });
    expect(errorLine(result.log)).toMatch(
      /^::error title=MaaS E2E failed at%3A model service \(E_AUTH\)::model service: .*refuses the key \(HTTP 401\).*Fix: Renew the secret/,
    );
    expect(leaks(result.log, 'wrong-key-0123456789')).toBe(false);
  });

  it('a model that is not served: the served ones are listed', async () => {
    expect(errorLine((await runMain({ model: 'chat' })).log)).toMatch(
      /model "chat" is not served; the service lists chat-model, some-embed.*Fix:/,
    );
  });

  it('an unreachable service', async () => {
    await service.close();
    expect(errorLine((await runMain({})).log)).toMatch(/can not be reached: ECONNREFUSED.*Fix: Check maas-endpoint/);
  });

  it('a page in place of an API', async () => {
    const page = await startService((_path, _request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>welcome</html>');
      return true;
    });
    const { log } = await runMain({ 'maas-endpoint': page.endpoint });
    await page.close();
    expect(errorLine(log)).toMatch(/does not answer like an OpenAI API.*<html>welcome/);
  });

  it('a redirect is not followed, so the key stays with its origin', async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = await listen((request, response) => {
      seen.push(request.headers.authorization);
      json(response, 200, { data: [] });
    }, '0.0.0.0');
    const redirecting = await startService((_path, _request, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${elsewhere.port}/v1/models` }).end();
      return true;
    });
    const { log } = await runMain({ 'maas-endpoint': redirecting.endpoint });
    await Promise.all([elsewhere.close(), redirecting.close()]);
    expect(errorLine(log)).toMatch(/redirects \(HTTP 307\)/);
    expect(seen).toEqual([]);
  });

  it('an answer that echoes the key is redacted in log, summary and report', async () => {
    const echo = await startService((_path, request, response) => {
      json(response, 401, { error: { message: `bad key ${request.headers.authorization ?? ''}` } });
      return true;
    });
    const { log } = await runMain({ 'maas-endpoint': echo.endpoint });
    await echo.close();
    const report = readFileSync(job?.outputs()['report-json'] ?? '', 'utf8');
    expect(errorLine(log)).toContain('bad key Bearer ***');
    expect([leaks(log), (job?.summary() ?? '').includes(KEY), report.includes(KEY)]).toEqual([false, false, false]);
    expect(job?.summary()).toContain('bad key Bearer \\*\\*\\*');
    expect(job?.summary()).not.toMatch(/0123456789/);
  });

  it('a long answer is redacted before it is cut: no part of the key is left at the end', async () => {
    const echo = await startService((_path, request, response) => {
      json(response, 401, { error: { message: `${'x'.repeat(280)} ${request.headers.authorization ?? ''}` } });
      return true;
    });
    const { log } = await runMain({ 'maas-endpoint': echo.endpoint });
    await echo.close();
    const shown = log.split('\n').filter((line) => !line.startsWith('::add-mask::'));
    expect((shown.join('') + (job?.summary() ?? '')).includes(KEY.slice(0, 8))).toBe(false);
  });

  it('a summary that can not be written is a warning and changes no verdict', async () => {
    const { log, code } = await runMain(
      { 'api-key': 'wrong-key-0123456789' },
      { env: { ...withDocker('echo 28.0.0'), GITHUB_STEP_SUMMARY: '/nonexistent/summary' } },
    );
    expect([code, job?.outputs()['result'], log.includes('::warning::The summary cannot be written')]).toEqual([
      1,
      'failed',
      true,
    ]);
  });

  it('no docker: named, with the fix', async () => {
    const { log } = await runMain({}, { env: withDocker('echo "permission denied" >&2; exit 1') });
    expect(errorLine(log)).toMatch(/docker is not running or may not be used: permission denied.*Fix:/);
  });
});

describe('a fork pull request without a key', () => {
  it('is skipped: notice, exit 0, nothing downloaded', async () => {
    const event = join(workspace, 'event.json');
    const repo = (name: string) => ({ repo: { full_name: name } });
    writeFileSync(event, JSON.stringify({ pull_request: { head: repo('stranger/rag'), base: repo('org/rag') } }));
    const { code, log } = await runMain({ 'api-key': '' }, { env: { GITHUB_EVENT_PATH: event } });
    expect([code, job?.outputs()['result'], service.asked]).toEqual([0, 'skipped', []]);
    expect(log).toMatch(/^::notice::MaaS E2E skipped/m);
    expect(readdirSync(job?.temp ?? '')).toEqual([expect.stringMatching(/^maas-e2e-report-/)]); // no tools
  });

  it('is not what a branch of the same repository is', async () => {
    const event = join(workspace, 'event.json');
    const repo = { repo: { full_name: 'org/rag' } };
    writeFileSync(event, JSON.stringify({ pull_request: { head: repo, base: repo } }));
    expect((await runMain({ 'api-key': '' }, { env: { GITHUB_EVENT_PATH: event } })).code).toBe(1);
  });
});

describe('post', () => {
  it('has nothing to do where main made nothing, twice', async () => {
    await runMain({ 'api-key': '' });
    for (const attempt of [1, 2]) {
      const { code, log } = (await job?.post().done) ?? { code: attempt, log: '' };
      expect([code, log]).toEqual([0, expect.stringContaining('Nothing to clean up')]);
    }
  });

  it('removes the folder of a run that ended before its cluster; the report stays', async () => {
    await runMain({ 'api-key': 'wrong-key-0123456789' });
    expect(readdirSync(job?.temp ?? '').some((name) => /^maas-e2e-[0-9a-f]+$/.test(name))).toBe(true);
    expect((await job?.post().done)?.code).toBe(0);
    expect(readdirSync(job?.temp ?? '')).toEqual([expect.stringMatching(/^maas-e2e-report-/)]);
  });
});

describe('the bundle', () => {
  it.each(['20', '22', '24'])(
    'starts on Node %s, main and post',
    async (version) => {
      const current = process.versions.node.split('.')[0] === version;
      const node = current ? [process.execPath] : ['npx', '-y', '-p', `node@${version}`, 'node'];
      const { code, log } = await runMain({ 'api-key': '' }, { node });
      expect([code, errorLine(log)]).toEqual([1, expect.stringContaining('api-key is empty')]);
      expect((await job?.post().done)?.code).toBe(0);
    },
    120_000,
  );
});
