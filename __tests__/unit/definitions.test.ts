import { describe, expect, it, vi } from 'vitest';
import type { Kubectl } from '../../src/deploy/kubectl.js';
import { awaitDefinitions } from '../../src/deploy/stubs.js';
import { RunError } from '../../src/errors.js';
import { failureOf } from '../helpers/failures.js';

const NO_STATUS = 'kubectl wait failed: error: .status.conditions accessor error: <nil> is of the type <nil>';
const never = new AbortController().signal;

/** kubectl that fails with these messages, one after the other, and then waits well. */
function kubectlThatSays(...messages: string[]) {
  const text = vi.fn((...args: string[]) => {
    const message = messages.shift();
    return message === undefined
      ? Promise.resolve(args.join(' '))
      : Promise.reject(new RunError('E_CLUSTER', 'cluster', message, 'x'));
  });
  return { text, kubectl: { text } as unknown as Kubectl };
}

describe('definitions', () => {
  it('that have no status yet are waited for: kubectl takes that for an error', async () => {
    const { kubectl, text } = kubectlThatSays();
    await awaitDefinitions(kubectl, never);
    expect(text.mock.calls).toEqual([['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']]);
    const late = kubectlThatSays(NO_STATUS);
    await awaitDefinitions(late.kubectl, never);
    expect(late.text).toHaveBeenCalledTimes(2);
  });

  it('that are not served for another reason are an error at once', async () => {
    const { kubectl, text } = kubectlThatSays('kubectl wait failed: timed out');
    expect((await failureOf(() => awaitDefinitions(kubectl, never))).message).toContain('timed out');
    expect(text).toHaveBeenCalledTimes(1);
  });

  it('are not waited for after the end of the run', async () => {
    const { kubectl } = kubectlThatSays(NO_STATUS, NO_STATUS);
    const reason = new RunError('E_CANCELLED', 'run', 'cancelled', 'x');
    expect(await failureOf(() => awaitDefinitions(kubectl, AbortSignal.abort(reason)))).toBe(reason);
  });
});
