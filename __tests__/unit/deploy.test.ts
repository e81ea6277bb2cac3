import { describe, expect, it, vi } from 'vitest';
import { deploy, type Release } from '../../src/deploy/deploy.js';
import type { Helm } from '../../src/deploy/helm.js';
import type { Kubectl } from '../../src/deploy/kubectl.js';
import type { KubeObject } from '../../src/deploy/objects.js';
import type { RawInputs } from '../../src/inputs.js';
import type { Job } from '../../src/job.js';
import type { CommandResult } from '../../src/ports.js';
import { Progress } from '../../src/progress.js';
import { newRecord } from '../../src/report/record.js';
import { useClock } from '../helpers/clock.js';
import { host, inputs } from '../helpers/inputs.js';
import { deployment, kube, podWith, waitingFor } from '../helpers/kube.js';
import { fakeCommands, fakeKubectl, recordedLog } from '../helpers/memory.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const OK: CommandResult = { code: 0, stdout: '', stderr: '', timedOut: false };

/** A deployment of which the cluster shows what `look` gives at each look, and whose command ends when it is told to. */
function deploying(look: (at: number) => KubeObject[], over: Partial<RawInputs> = {}) {
  const log = recordedLog();
  const record = newRecord();
  let end: (result: CommandResult) => void = () => undefined;
  const commands = fakeCommands();
  const command = new Promise<CommandResult>((resolve) => (end = resolve));
  const run: typeof commands.run = (wanted) => (wanted.program === 'sh' ? command : commands.run(wanted));
  let looks = 0;
  const kubectl: Kubectl = { ...fakeKubectl([]), get: () => Promise.resolve(look((looks += 1))) };
  const ports = { log, commands: { ...commands, run } };
  const { signal } = new AbortController();
  const job = { ports, host: host(), record, progress: new Progress(log), signal } as unknown as Job;
  const release = {
    cluster: { name: 'c', kubeconfig: '/t/kubeconfig' },
    rendered: { objects: [], hopOf: () => 'cluster' },
    helm: { install: () => Promise.resolve() } as unknown as Helm,
    kubectl,
    before: [],
    brought: { places: [], objects: [], unseen: false },
  } as unknown as Release;
  const deployed = deploy(job, inputs({ inference: 'off', ...over }), release);
  return { deployed, record, log: log.lines, end: (code: number) => end({ ...OK, code }) };
}

describe('the rollout of a deployment', () => {
  it('has the workloads counted that became available', async () => {
    const { rolledOut, workloads } = await deploying(() => [deployment('a', true)]).deployed;
    await rolledOut;
    expect(workloads?.()).toBe(1);
  });

  it('of nothing says so, now and in the summary: that is no "all available"', async () => {
    const { deployed, record, log } = deploying(() => []);
    const { rolledOut, workloads } = await deployed;
    await rolledOut;
    const said = 'no workload: nothing runs in the namespace, so there was none to wait for';
    expect([workloads?.(), record.notes]).toEqual([0, [said]]);
    expect(log.join()).toContain(said);
  });
});

describe('the command after the install', () => {
  const LACKS = [
    kube('Deployment', 'a', { spec: {} }),
    podWith({ state: waitingFor('CreateContainerConfigError', 'secret "s" not found') }),
  ];
  const COMMAND = { 'post-install-command': 'kubectl create secret' };

  it('may make what a container lacks, however long it takes', async () => {
    const ends: { now: (code: number) => void } = { now: () => undefined };
    const given = deploying((at) => {
      if (at === 600) ends.now(0);
      return at > 620 ? [deployment('a', true)] : LACKS;
    }, COMMAND);
    ends.now = given.end;
    const { rolledOut } = await given.deployed;
    await expect(rolledOut).resolves.toBeUndefined();
    expect(Date.now()).toBeGreaterThan(600_000);
  });

  it('is waited for by nobody where there is none', async () => {
    await expect(deploying(() => LACKS).deployed.then(({ rolledOut }) => rolledOut)).rejects.toMatchObject({
      code: 'E_CONTAINER_CONFIG',
    });
    expect(Date.now()).toBeLessThan(60_000);
  });

  it('that fails is what is told', async () => {
    const ends: { now: (code: number) => void } = { now: () => undefined };
    const given = deploying((at) => (at === 50 ? (ends.now(3), LACKS) : LACKS), COMMAND);
    ends.now = given.end;
    await expect(given.deployed).rejects.toMatchObject({ code: 'E_POST_INSTALL' });
  });
});
