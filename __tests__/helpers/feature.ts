import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/assert/check.js';
import type { Route } from './fake-stack.js';
import { failing, failureOf, httpFailure, noAnswer } from './failures.js';
import { judged, notApplicable, trial } from './trial.js';

const CHAT = 'POST /chat/completions';

/**
 * What holds for every check of something that not each service offers.
 *
 * @param fix what helps against a service that does it wrongly, where one that takes the request must do it right
 */
export function isJudgedAsFeature(check: Check, feature: string, wrong: Record<string, Route>, fix?: string): void {
  describe(`${feature}, which not every service offers`, () => {
    it('is asked of the stack alone where that does it, once', async () => {
      const { api, direct, done } = trial(check);
      await done();
      expect([api.sent(CHAT).length, api.calls.length, direct.calls.length]).toEqual([1, 1, 0]);
    });

    it(`is ${fix ? 'blamed on the service' : 'no failure'} where the service does not do it either`, async () => {
      const { api, direct, done } = trial(check, { stack: wrong, service: wrong });
      if (fix) {
        const failure = await failureOf(done);
        expect(failure.hop).toBe('model service');
        expect(failure.fix).toContain(fix);
      } else {
        const why = await notApplicable(done);
        expect(why).toContain(`not offered: asked directly for ${feature}, the model service fails too: `);
      }
      expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
    });

    it('is blamed on the stack where the service does it, asked with the same words', async () => {
      const { api, direct, done } = trial(check, { stack: wrong });
      const failure = await failureOf(done);
      expect(failure.hop).toBe('stack');
      expect(failure.message).toMatch(/^through the stack, .*; asked directly, the model service does it right$/);
      expect(failure.fix).toContain("stack's provider");
      const [[through], [directly]] = [api.sent(CHAT), direct.sent(CHAT)] as [object[], object[]];
      expect(directly).toEqual({ ...through, model: 'acme/chat-1.5' });
      expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
    });

    it.each([400, 404, 405, 415, 422, 501])('is not offered where both refuse it with HTTP %i', async (status) => {
      const refuse = { [CHAT]: failing(httpFailure(status, 'unknown parameter')) };
      const { api, direct, done } = trial(check, { stack: refuse, service: refuse });
      const why = await notApplicable(done);
      expect(why).toContain(`not offered: asked directly for ${feature}, the model service fails too: `);
      expect(why).toContain(`(HTTP ${status}): unknown parameter`);
      expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
    });

    it('is not offered where the stack does it wrongly and the service refuses it', async () => {
      const refuse = { [CHAT]: failing(httpFailure(400, 'unknown parameter')) };
      expect(await notApplicable(trial(check, { stack: wrong, service: refuse }).done)).toContain('unknown parameter');
    });

    it(`is ${fix ? 'blamed on the service' : 'not offered'} where the stack refuses it and the service does it wrongly`, async () => {
      const refuse = { [CHAT]: failing(httpFailure(400, 'unknown parameter')) };
      const { done } = trial(check, { stack: refuse, service: wrong });
      if (fix) expect((await failureOf(done)).hop).toBe('model service');
      else await notApplicable(done);
    });

    it('is blamed on the stack where that alone refuses it', async () => {
      const failure = await failureOf(
        trial(check, { stack: { [CHAT]: failing(httpFailure(422, 'extra field')) } }).done,
      );
      expect(failure.hop).toBe('stack');
      expect(failure.message).toMatch(/.*HTTP 422 \(extra field\); asked directly/);
    });

    it.each([408, 409, 500, 502, 503])('is blamed on the service where both fail with HTTP %i', async (status) => {
      const broken = { [CHAT]: failing(httpFailure(status, 'boom')) };
      const { api, direct, done } = trial(check, { stack: broken, service: broken });
      const failure = await failureOf(done);
      expect(failure.hop).toBe('model service');
      expect(failure.message).toContain(`(HTTP ${status}): boom (asked directly; through the stack: `);
      expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
    });

    it.each([401, 403, 429])('is not asked of the service where the stack fails with HTTP %i', async (status) => {
      const { direct, done } = trial(check, { stack: { [CHAT]: failing(httpFailure(status)) }, service: wrong });
      expect((await failureOf(done)).message).toContain(`HTTP ${status}`);
      expect(direct.calls).toEqual([]);
    });

    const BROKEN: [string, Error][] = [
      ['HTTP 401', httpFailure(401)],
      ['HTTP 403', httpFailure(403)],
      ['HTTP 429', httpFailure(429)],
      ['HTTP 500', httpFailure(500)],
      ['HTTP 503', httpFailure(503)],
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
