import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/assert/check.js';
import type { Route } from './fake-stack.js';
import { failing, failureOf, httpFailure, noAnswer } from './failures.js';
import { judged, notApplicable, trial } from './trial.js';

const CHAT = 'POST /chat/completions';

/** What holds for every check of something that not each service offers. */
export function isJudgedAsFeature(check: Check, feature: string, wrong: Record<string, Route>): void {
  describe(`${feature}, which not every service offers`, () => {
    it('is asked of the stack alone where that does it, once', async () => {
      const { api, direct, done } = trial(check);
      await done();
      expect([api.sent(CHAT).length, api.calls.length, direct.calls.length]).toEqual([1, 1, 0]);
    });

    it('is no failure where the service does not do it either', async () => {
      const { api, direct, done } = trial(check, { stack: wrong, service: wrong });
      const why = await notApplicable(done);
      expect(why).toContain(`not offered: asked directly for ${feature}, the model service fails too: `);
      expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
    });

    it('is blamed on the stack where the service does it, asked with the same words', async () => {
      const { api, direct, done } = trial(check, { stack: wrong });
      const failure = await failureOf(done);
      expect(failure.hop).toBe('stack');
      expect(failure.message).toMatch(/^through the stack, .*; asked directly, the model service does it$/);
      expect(failure.fix).toContain("stack's provider");
      const [[through], [directly]] = [api.sent(CHAT), direct.sent(CHAT)] as [object[], object[]];
      expect(directly).toEqual({ ...through, model: 'acme/chat-1.5' });
      expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
    });

    it.each([400, 404, 405, 415, 422, 501])('is not offered where both refuse it with HTTP %i', async (status) => {
      const refuse = { [CHAT]: failing(httpFailure(status, 'unknown parameter')) };
      const why = await notApplicable(trial(check, { stack: refuse, service: refuse }).done);
      expect(why).toContain(`HTTP ${status} (unknown parameter)`);
    });

    it('is not offered where the stack refuses it and the service does it wrongly, or the other way round', async () => {
      const refuse = { [CHAT]: failing(httpFailure(400, 'unknown parameter')) };
      await notApplicable(trial(check, { stack: refuse, service: wrong }).done);
      await notApplicable(trial(check, { stack: wrong, service: refuse }).done);
    });

    it('is blamed on the stack where that alone refuses it', async () => {
      const failure = await failureOf(
        trial(check, { stack: { [CHAT]: failing(httpFailure(422, 'extra field')) } }).done,
      );
      expect(failure.hop).toBe('stack');
      expect(failure.message).toMatch(/^through the stack, .*HTTP 422 \(extra field\); asked directly/);
    });

    const BROKEN: [string, Error][] = [
      ['HTTP 401', httpFailure(401)],
      ['HTTP 403', httpFailure(403)],
      ['HTTP 429', httpFailure(429)],
      ['HTTP 500', httpFailure(500)],
      ['no connection', noAnswer('connection')],
      ['no answer in time', noAnswer('timeout')],
    ];
    it.each(BROKEN)('is never "not offered" because of %s', async (_, error) => {
      const broken = { [CHAT]: failing(error) };
      expect((await judged(check, broken)).verdict).toBe('failed');
      expect((await judged(check, broken, broken)).verdict).toBe('failed');
      expect((await judged(check, wrong, broken)).verdict).toBe('failed');
    });
  });
}
