import { describe, expect, it, vi } from 'vitest';
import { useClock } from '../helpers/clock.js';
import { alwaysSaying, completion, FakeStack, type Route } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure, noAnswer } from '../helpers/failures.js';
import { judging, serving, status } from '../helpers/openai-server.js';
import { application, modelsOf } from '../helpers/servers.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const CHAT = 'POST /chat/completions';

/** Requests of the checks that are instructions for a model, which an application need not hand on. */
const FEATURES: [string, string, RegExp][] = [
  ['chat-limit', 'max_tokens', /Repeat this text/],
  ['chat-system', 'a system instruction', /End every answer/],
  ['chat-json', 'JSON mode', /json_object/],
  ['chat-tool', 'a tool call', /tool_choice/],
];
/** Does something else with a request, where it is one of these. */
const where = (pattern: RegExp, instead: Route) => ({
  [CHAT]: (body: unknown) => (pattern.test(JSON.stringify(body)) ? instead(body) : new FakeStack().healthy(CHAT, body)),
});

describe.each(FEATURES)('an application and the check %s', (name, feature, pattern) => {
  it.each([400, 404, 422, 501])(
    'that refuses it with HTTP %i does not offer it; its model is not asked',
    async (code) => {
      const { done, resultOf, verdicts } = judging(serving(where(pattern, status(code, CHAT))), {
        checks: ['chat', name],
      });
      await done();
      expect(verdicts()).toEqual(['chat passed', `${name} skipped`]);
      expect(resultOf(name)?.cause).toMatch(new RegExp(`^the server does not offer ${feature}: .*HTTP ${code}`));
    },
  );

  it('that answers as if it had not been asked does not hand it on', async () => {
    const ignoring = where(pattern, () => completion('Welcome to our documents.'));
    const { done, resultOf } = judging(serving(ignoring), { checks: ['chat', name] });
    await done();
    expect(resultOf(name)).toMatchObject({ verdict: 'skipped' });
    expect(resultOf(name)?.cause).toContain(`the server does not hand on ${feature}, which the model does: `);
  });

  it('that fails is red', async () => {
    const { done } = judging(serving(where(pattern, status(500, CHAT))), { checks: ['chat', name] });
    expect(await failureOf(done)).toMatchObject({ hop: 'application', code: 'E_STACK_TO_SERVICE' });
  });
});

describe('an application whose chat is broken', () => {
  it.each<[string, Record<string, Route>, string, RegExp]>([
    ['answers something else', alwaysSaying('Welcome.'), 'E_STACK_CHANGES', /^check chat: through the application, /],
    [
      'does not stream',
      { 'STREAM /chat/completions': failing(httpFailure(400, 'no streams', 'POST /chat/completions (stream)')) },
      'E_STACK_ERROR',
      /^check chat-stream: the application reports an error: .*no streams.*asked directly/,
    ],
  ])('and that %s is red', async (_, stack, code, message) => {
    const failure = await failureOf(judging(serving(stack), { checks: ['chat', 'chat-stream'] }).done);
    expect([failure.code, failure.hop]).toEqual([code, 'application']);
    expect(failure.message).toMatch(message);
    expect(failure.message + failure.fix).not.toMatch(/\bstack\b/i);
  });

  it.each<[string, Record<string, Route>, string, RegExp]>([
    ['refuses the key', { [CHAT]: status(401, CHAT) }, 'E_STACK_KEY', /wiring, secret-name and secret-keys/],
    ['has another form', { [CHAT]: () => ({}) }, 'E_STACK_FORM', /api-base-path/],
    ['has nothing there', { [CHAT]: status(404, CHAT) }, 'E_STACK_ERROR', /check api-base-path/],
    ['fails', { [CHAT]: status(500, CHAT) }, 'E_STACK_TO_SERVICE', /pods reach maas-endpoint/],
  ])('before any check, by words of its own: it %s', async (_, stack, code, fix) => {
    const failure = await failureOf(judging(serving(stack)).done);
    expect([failure.code, failure.hop]).toEqual([code, 'application']);
    expect(failure.fix).toMatch(fix);
    expect(failure.message + failure.fix).not.toMatch(/\bstack\b|8321|global\.models/i);
    expect(failure.cause).toBeDefined();
  });

  it('by the service is blamed on that', async () => {
    const away = { [CHAT]: status(503, CHAT) };
    const failure = await failureOf(judging(serving(away), { service: away }).done);
    expect([failure.code, failure.hop]).toEqual(['E_SERVICE_DOWN', 'model service']);
  });

  it('blocks what needs it, by its name', async () => {
    const { done, resultOf } = judging(serving(alwaysSaying('Welcome.')), { checks: ['chat', 'load'] });
    await failureOf(done);
    expect(resultOf('load')).toMatchObject({ verdict: 'blocked', cause: 'blocked by chat (application)' });
  });

  it('is waited for while it starts', async () => {
    let looks = 0;
    const models: Route = () => (++looks < 9 ? failing(noAnswer('connection', 'ECONNREFUSED'))() : modelsOf('rag')({}));
    const { done, log } = judging(application({ 'GET /v1/models': models }), { checks: ['chat'] });
    await done();
    expect(log.lines.join('\n')).toContain('a completion through the application (it does not answer yet)');
  });
});
