import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../runner.mjs';
import { clusterOf, containersOf, errorLine, exampleJob, serviceOfEnvironment, type Service } from './world.js';

let service: Service;
let job: Job | undefined;

beforeAll(async () => {
  service = await serviceOfEnvironment();
});
afterAll(async () => service.close());

async function red(
  inputs: Record<string, string>,
): Promise<{ error: string; secondsSince: (pattern: RegExp) => number; code: number | null }> {
  const seen: { line: string; at: number }[] = [];
  job = exampleJob(service, inputs, { onLine: (line) => seen.push({ line, at: Date.now() }) });
  const { code, log } = await job.main().done;
  const ended = Date.now();
  await job.post().done;
  const secondsSince = (pattern: RegExp) => (ended - (seen.find(({ line }) => pattern.test(line))?.at ?? 0)) / 1000;
  return { error: errorLine(log), secondsSince, code };
}

describe('what is broken is named, with its hop and a fix, and nothing is left', () => {
  it('a wrong key: before anything is built', async () => {
    const { error, code } = await red({ 'api-key': 'wrong-key-0123456789abcdef' });
    expect([code, clusterOf(job!) && containersOf(clusterOf(job!))]).toEqual([1, []]);
    expect(error).toMatch(/::model service: .*refuses the key \(HTTP 401.*Fix: Renew the secret/);
  }, 60_000);

  it('a model that is not served: before anything is built', async () => {
    const { error, code } = await red({ model: 'llama-9' });
    expect(code).toBe(1);
    expect(error).toMatch(
      /::model service: model "llama-9" is not served; the service lists .*llama-3-2-3b.*Fix: Set the input model/,
    );
  }, 60_000);

  it('an image that does not exist: soon after the kubelet says so, not when helm gives up', async () => {
    const { error, code, secondsSince } = await red({ 'set-values': 'llama-stack: {image: {tag: no-such-tag}}' });
    expect(code).toBe(1);
    expect(error).toMatch(/::stack: pod llamastack-.*ImagePullBackOff: .*no-such-tag.*Fix: Check the image name/);
    expect(secondsSince(/(ErrImagePull|ImagePullBackOff)/)).toBeLessThan(60);
    expect(containersOf(clusterOf(job!))).toEqual([]);
  }, 300_000);
});
