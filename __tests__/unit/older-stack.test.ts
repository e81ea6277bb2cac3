import { describe, expect, it, vi } from 'vitest';
import { assertion, STACK_NAMES, UI_NAMES, type Case } from '../helpers/assertion.js';
import { useClock } from '../helpers/clock.js';
import { FakeStack } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure, noAnswer } from '../helpers/failures.js';
import { stack02, stack03, stack06 } from '../helpers/servers.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const ALL = [...STACK_NAMES, ...UI_NAMES].map((name) => `${name} passed`);
const passedBut = (others: Record<string, string>) =>
  [...STACK_NAMES, ...UI_NAMES].map((name) => `${name} ${others[name] ?? 'passed'}`);
const causeOf = ({ record }: ReturnType<typeof assertion>, name: string) =>
  record.checks.find((check) => check.name === name)?.cause;
const noRoute = (call: string, detail = 'Not Found') => failing(httpFailure(404, detail, call));

describe('a stack of 0.3', () => {
  it('passes all checks, by the routes below /v1', async () => {
    const server = stack03();
    const { done, verdicts, log } = assertion({ server });
    await done();
    expect(verdicts()).toEqual(ALL);
    expect(server.asked.filter((route) => route.includes('openai'))).toEqual([]);
    expect(log.lines.join('\n')).toContain("an older stack, with OpenAI's routes below /v1");
  });

  it('is asked below the path that the user names, but for its own routes', async () => {
    const server = stack03();
    const { done } = assertion({ server, checks: ['chat', 'stack-models'], subject: { basePath: '/v1/openai/v1' } });
    await done();
    expect(new Set(server.asked)).toEqual(
      new Set(['GET /v1/models', 'GET /v1/version', 'POST /v1/openai/v1/chat/completions']),
    );
  });
});

describe('a stack of 0.2', () => {
  it('passes by the routes below /v1/openai/v1; conversations it has not, and that is no failure', async () => {
    const server = stack02();
    const given = assertion({ server });
    await given.done();
    expect(given.verdicts()).toEqual(passedBut({ 'rag-responses': 'skipped' }));
    expect(causeOf(given, 'rag-responses')).toBe('the stack does not offer POST /conversations (HTTP 404)');
    const own = ['GET /v1/models', 'GET /v1/inspect/routes', 'GET /v1/version', 'GET /v1/providers'];
    expect(new Set(server.asked.filter((route) => !route.includes(' /v1/openai/v1/')))).toEqual(new Set(own));
    expect(given.record.model).toBe('maas/acme/chat-1.5');
  });

  it('leaves nothing behind', async () => {
    const { done, log, api } = assertion({ server: stack02() });
    await done();
    const deleted = api.calls.filter(({ route }) => /^DELETE \/vector_stores\/[^/]+$/.test(route));
    expect(deleted).toHaveLength(api.sent('POST /vector_stores').length);
    expect(log.lines.join('\n')).not.toContain('could not be deleted');
  });

  it('is waited for', async () => {
    let looks = 0;
    const models = stack02().open({ baseUrl: 'http://s/v1' }).get('/models');
    const { body } = await models;
    const server = stack02({
      'GET /v1/models': () => (++looks < 5 ? failing(noAnswer('connection', 'ECONNREFUSED'))() : body),
    });
    const { done, verdicts } = assertion({ server, checks: ['chat'] });
    await done();
    expect(verdicts()).toEqual(['chat passed']);
  });

  it('passes by its basic checks where no model is tested', async () => {
    const { done, verdicts } = assertion({ server: stack02(), subject: { tested: undefined } });
    await done();
    expect(verdicts()).toContain('retrieval passed');
    expect(verdicts()).not.toContain('retrieval skipped');
  });

  it('that has no vector stores yet is green with a warning', async () => {
    const server = stack02({ 'POST /v1/openai/v1/vector_stores': undefined });
    const given = assertion({ server });
    await given.done();
    const unproven = 'retrieval is not proven: the stack does not offer POST /vector_stores; test-command can';
    expect(given.record.checks[0]).toMatchObject({ name: 'stack-models', verdict: 'warned', cause: unproven });
    expect(given.record.checks[0]?.evidence?.warning).toBe(unproven);
    expect(given.verdicts()).toContain('files skipped');
    expect(given.verdicts()).toContain('load passed');
    expect(causeOf(given, 'files')).toBe('the stack does not offer POST /vector_stores (HTTP 404)');
    expect(given.log.lines.join('\n')).toContain(unproven);
  });

  it('is not warned of where retrieval was not asked for', async () => {
    const server = stack02({ 'POST /v1/openai/v1/vector_stores': undefined });
    const { done, verdicts } = assertion({ server, checks: ['chat', 'stack-models'] });
    await done();
    expect(verdicts()).toEqual(['stack-models passed', 'chat passed']);
  });

  it.each<[string, Case, string, string]>([
    [
      'a store that it does not know',
      {
        stack: {
          'POST /vector_stores/vs-1/search': noRoute('POST /vector_stores/vs-1/search', 'Vector_store vs-1 not found'),
        },
      },
      'E_STACK_STATE_LOST',
      'stack',
    ],
    [
      'a model that it does not know',
      { stack: { 'POST /embeddings': noRoute('POST /embeddings', "Model 'st/nomic' not found") } },
      'E_STACK_ERROR',
      'embedder',
    ],
    [
      'a response that fails',
      { stack: { 'POST /conversations': failing(httpFailure(500, 'boom', 'POST /conversations')) } },
      'E_STACK_ERROR',
      'stack',
    ],
  ])('is red because of %s', async (_, { stack }, code, hop) => {
    const { done } = assertion({ server: stack03({}, new FakeStack(stack)) });
    expect(await failureOf(done)).toMatchObject({ code, hop });
  });
});

describe('a stack of today', () => {
  it('is asked for nothing more than for its models once', async () => {
    const server = stack06();
    const { done, verdicts } = assertion({ server });
    await done();
    expect(verdicts()).toEqual(ALL);
    expect(server.asked.slice(0, 4)).toEqual([
      'GET /v1/models',
      'GET /v1/models',
      'POST /v1/chat/completions',
      'GET /v1/version',
    ]);
  });

  it('is not warned of where no model is tested, so that a check of retrieval is skipped', async () => {
    const { done, verdicts } = assertion({
      server: stack06(),
      checks: ['stack-models', 'rag-chat'],
      subject: { tested: undefined },
    });
    await done();
    expect(verdicts()).toEqual(['stack-models passed', 'rag-chat skipped']);
  });

  it('is red without a list of models, also where no model is tested', async () => {
    const server = stack06({ 'GET /v1/models': undefined });
    const { done } = assertion({ server, subject: { tested: undefined } });
    expect((await failureOf(done)).message).toBe('the stack reports an error: GET /models: HTTP 404 (Not Found)');
  });

  it.each([
    ['conversations', 'E_STACK_ERROR'],
    ['vector_stores', 'E_STACK_ERROR'],
    ['embeddings', 'E_STACK_ERROR'],
  ])('that has no route of %s is red: every one of its versions has it', async (name, code) => {
    const server = stack06({ [`POST /v1/${name}`]: undefined });
    expect(await failureOf(assertion({ server }).done)).toMatchObject({ code });
  });
});
