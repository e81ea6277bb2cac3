import { describe, expect, it, vi } from 'vitest';
import { useClock } from '../helpers/clock.js';
import { listedModel, type Route } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';
import { judging, status } from '../helpers/openai-server.js';
import { application, modelsOf } from '../helpers/servers.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const CHAT = 'POST /chat/completions';

describe('the model of an application', () => {
  const taken = async (models: Route | undefined) => {
    const given = judging(application({ 'GET /v1/models': models }), { checks: ['chat', 'stack-models'] });
    await given.done();
    const [request] = given.api.sent(CHAT);
    return { ...given, asked: request, said: given.log.lines.join('\n') };
  };

  it.each<[string, string[], string]>([
    ['the same id', ['x', 'acme/chat-1.5', 'maas/acme/chat-1.5'], 'acme/chat-1.5'],
    ['what follows a provider', ['x', 'maas/acme/chat-1.5', 'not-acme/chat-1.5'], 'maas/acme/chat-1.5'],
    ['the only one', ['rag'], 'rag'],
    ['the only one for chat', ['bge-small', 'rag', 'text-embedding-3'], 'rag'],
  ])('is %s', async (_, ids, id) => {
    const { asked, said, record } = await taken(modelsOf(...ids));
    expect(asked).toMatchObject({ model: id });
    expect(record.model).toBe(id);
    const fact = `the model is taken that the server lists as ${id}`;
    if (id === 'acme/chat-1.5') expect(said).not.toContain('the model is taken');
    else expect(said).toContain(fact);
  });

  it('is no embedding model, whatever its name, where the list says so', async () => {
    const data = [listedModel('rag', 'llm', 'a', 'b'), listedModel('vectors', 'embedding', 'a', 'c', 3)];
    expect((await taken(() => ({ data }))).asked).toMatchObject({ model: 'rag' });
  });

  it.each<[string, string[], string]>([
    ['several for chat', ['rag', 'other'], 'no acme/chat-1.5, nor one chat model alone; it lists rag, other'],
    ['none', [], 'no acme/chat-1.5, nor one chat model alone; it lists none'],
    ['none for chat', ['text-embed'], 'no acme/chat-1.5, nor one chat model alone; it lists text-embed'],
    [
      'several that it fits',
      ['a/acme/chat-1.5', 'b/acme/chat-1.5'],
      '2 models that acme/chat-1.5 fits; it lists a/acme/chat-1.5, b/acme/chat-1.5',
    ],
  ])('is not known where the server lists %s', async (_, ids, said) => {
    const failure = await failureOf(() => taken(modelsOf(...ids)));
    expect([failure.code, failure.hop]).toEqual(['E_STACK_MODEL', 'application']);
    expect(failure.message).toBe(`the application lists ${said}`);
    expect(failure.fix).toContain('the input model');
  });

  it.each([404, 405, 501])('is called as the service calls it where there is no list (HTTP %i)', async (code) => {
    const { asked, resultOf, record } = await taken(status(code, 'GET /models'));
    expect(asked).toMatchObject({ model: 'acme/chat-1.5' });
    expect(record.model).toBe('acme/chat-1.5');
    expect(resultOf('stack-models')).toMatchObject({ verdict: 'skipped', cause: 'the server lists no models' });
  });

  it('is red where the list fails', async () => {
    const failure = await failureOf(() => taken(status(500, 'GET /models')));
    expect([failure.code, failure.hop]).toEqual(['E_STACK_ERROR', 'application']);
    expect(failure.message).toBe('the application reports an error: GET /models: HTTP 500 (nope)');
  });

  it('is red where it is no longer listed', async () => {
    let looks = 0;
    const failure = await failureOf(() => taken(() => modelsOf(++looks === 1 ? 'rag' : 'other')(undefined)));
    expect([failure.code, failure.hop]).toEqual(['E_STACK_MODEL', 'application']);
    expect(failure.message).toBe('check stack-models: the application no longer lists rag');
  });

  it('may not be tested, also where there is no list', async () => {
    const without = { checks: ['stack-models'], subject: { tested: undefined } };
    const { done, verdicts } = judging(application(), without);
    await done();
    expect(verdicts()).toEqual(['stack-models passed']);
    const none = judging(application({ 'GET /v1/models': undefined }), without);
    expect((await failureOf(none.done)).message).toContain('stack-models: the server lists no models');
  });
});
