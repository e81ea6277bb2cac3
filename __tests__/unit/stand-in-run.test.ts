import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/job.js';
import type { CommandResult, Serve } from '../../src/ports.js';
import { Progress } from '../../src/progress.js';
import { newRecord } from '../../src/report/record.js';
import { onStandIn } from '../../src/stand-in.js';
import { failureOf } from '../helpers/failures.js';
import { rawInputs } from '../helpers/inputs.js';
import { fakeCommands, recordedLog } from '../helpers/memory.js';

const BRIDGE = JSON.stringify([{ IPAM: { Config: [{ Gateway: '172.17.0.1' }] } }]);

function bench({
  model = '',
  listen = () => Promise.resolve(),
  bridge = { stdout: BRIDGE },
}: { model?: string; listen?: () => Promise<void>; bridge?: Partial<CommandResult> } = {}) {
  const served: { host: string; port: number; handle: Parameters<Serve>[0] }[] = [];
  const log = recordedLog();
  const masked: string[] = [];
  const state = { closed: 0 };
  const serve: Serve = async (handle, host, port) => {
    await listen();
    served.push({ host, port, handle });
    return { port: 4711, close: () => Promise.resolve(void (state.closed += 1)) };
  };
  const runner = { mask: (text: string) => void masked.push(text) };
  const commands = fakeCommands(() => bridge);
  const job = {
    raw: rawInputs({ 'api-key': '', 'maas-endpoint': '', model }),
    ports: { runner, commands, serve },
    progress: new Progress(log),
    record: newRecord(),
  } as unknown as Job;
  return { job, served, masked, state, lines: log.lines };
}

describe('a run with a stand-in for the model service', () => {
  it('has its address, its model and a key of its own, which is masked and which it wants', async () => {
    const { job, served, masked, state } = bench();
    let seen: Job | undefined;
    await onStandIn(job, 'no key', (given) => {
      seen = given;
      expect(state.closed).toBe(0);
      return Promise.resolve();
    });
    const raw = seen?.raw;
    expect(raw).toMatchObject({ 'maas-endpoint': 'http://172.17.0.1:4711/v1', model: 'stand-in' });
    expect(masked).toEqual([raw?.['api-key']]);
    const ask = async (key: string) => {
      const headers = { authorization: `Bearer ${key}` };
      return (await served[0]!.handle(new Request('http://service/v1/models', { headers }))).status;
    };
    expect(await ask(raw?.['api-key'] ?? '')).toBe(200);
    await expect(ask('another-key')).rejects.toMatchObject({ status: 401 });
    expect([served[0]?.host, state.closed, job.record.standIn]).toEqual(['172.17.0.1', 1, 'no key']);
  });

  it('has the model that the input names, and serves it', async () => {
    const { job, served } = bench({ model: 'acme/chat' });
    let answer = '';
    await onStandIn(job, '', async ({ raw }) => {
      expect(raw.model).toBe('acme/chat');
      const headers = { authorization: `Bearer ${raw['api-key']}` };
      answer = await (await served[0]!.handle(new Request('http://service/v1/models', { headers }))).text();
    });
    expect(answer).toContain('"acme/chat"');
    expect(answer).not.toContain('"stand-in"');
  });

  it('listens where docker says, on any port that is free, and says why and where', async () => {
    const { job, served, lines } = bench({
      bridge: { stdout: JSON.stringify([{ IPAM: { Config: [{ Gateway: '10.9.0.1' }] } }]) },
    });
    await onStandIn(job, 'there is no key', () => Promise.resolve());
    expect(served.map(({ host, port }) => [host, port])).toEqual([['10.9.0.1', 0]]);
    expect(lines.join()).toMatch(
      /there is no key: the embedded model service at http:\/\/10\.9\.0\.1:4711\/v1 stands in/,
    );
  });

  it('never runs, and leaves nothing open, where docker has no bridge', async () => {
    const { job, served } = bench({ bridge: { code: 1, stderr: 'Error: No such network' } });
    let ran = false;
    const failure = await failureOf(() => onStandIn(job, '', () => Promise.resolve(void (ran = true))));
    expect([failure.code, ran, served]).toEqual(['E_DOCKER', false, []]);
  });

  it('shows its key to nobody, and leaves the inputs of the run as they are', async () => {
    const { job, masked, lines } = bench();
    await onStandIn(job, 'no key', () => Promise.resolve());
    const [key = ''] = masked;
    expect(key).toMatch(/^stand-in-[0-9a-f]{32}$/);
    expect(lines.join() + JSON.stringify(job.record)).not.toContain(key);
    expect(job.raw).toMatchObject({ 'api-key': '', 'maas-endpoint': '' });
  });

  it('has another key each time', async () => {
    const [one, two] = [bench(), bench()];
    for (const { job } of [one, two]) await onStandIn(job, '', () => Promise.resolve());
    expect(one.masked).not.toEqual(two.masked);
  });

  it('closes it where the run fails, too', async () => {
    const { job, state } = bench();
    await expect(onStandIn(job, '', () => Promise.reject(new Error('red')))).rejects.toThrow('red');
    expect(state.closed).toBe(1);
  });

  it('is a failure of docker where it can not listen', async () => {
    const { job } = bench({ listen: () => Promise.reject(new Error('listen EADDRNOTAVAIL')) });
    const failure = await failureOf(() => onStandIn(job, '', () => Promise.resolve()));
    expect([failure.code, failure.hop]).toEqual(['E_DOCKER', 'cluster']);
    expect(failure.message).toMatch(/can not listen where pods reach it: listen EADDRNOTAVAIL/);
  });
});
