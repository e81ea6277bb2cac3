import { describe, expect, it } from 'vitest';
import { errorLine, job, leaks, runMain, withDocker } from '../helpers/main-step.js';
import { listen, ownAddress } from '../helpers/network.js';

describe('the key', () => {
  it('outside of a runner the key is not printed to be masked', async () => {
    const env = { ...withDocker('echo 28.0.0'), GITHUB_ACTIONS: '', GITHUB_OUTPUT: '' };
    const { log } = await runMain({ 'api-key': 'wrong-key-0123456789' }, { env });
    expect([errorLine(log) !== '', log.includes('wrong-key')]).toEqual([true, false]);
  });

  it.each([
    ['thrown', 'throw error'],
    ['rejected', 'Promise.reject(error)'],
  ])('what nobody catches (%s) ends the run by its own verdict, redacted', async (_, how) => {
    const boom = `setTimeout(() => { const error = new Error('boom wrong-key-0123456789'); ${how} })`;
    // once the service is asked: a time of its own would on a busy machine come before the bundle is there
    const script = `const { write } = process.stdout;
      process.stdout.write = function (...given) {
        if (String(given[0]).includes('probe: started')) ${boom};
        return write.apply(this, given);
      };`;
    const node = [process.execPath, '--import', `data:text/javascript,${encodeURIComponent(script)}`];
    const slow = await listen(() => undefined);
    const endpoint = { 'maas-endpoint': `http://${ownAddress()}:${slow.port}` };
    const { code, log } = await runMain({ ...endpoint, 'api-key': 'wrong-key-0123456789' }, { node });
    await slow.close();
    expect([code, job?.outputs()['result'], job?.outputs()['error-code']]).toEqual([1, 'failed', 'E_UNEXPECTED']);
    expect(log).toMatch(
      /^::error title=MaaS E2E failed at%3A run \(E_UNEXPECTED\)::run: unexpected error: boom \*\*\*\. Fix: /m,
    );
    expect(log).toMatch(/^ {4}at /m);
    expect(leaks(log, 'wrong-key-0123456789')).toBe(false);
  });

  it('an output that shares a part with the key is masked, and that is said', async () => {
    const { log } = await runMain({ 'api-key': 'my-maas-e2e-key' });
    expect(job?.outputs()['report-json']).toContain('***');
    expect(log).toMatch(/^::warning::output report-json is not what it should be/m);
  });
});
