import { describe, expect, it } from 'vitest';
import { Stack, type StackMeans } from '../../src/assert/stack/stack.js';
import { asking } from '../../src/maas/chat.js';
import { ONCE } from '../helpers/calls.js';
import { chunk, completion, FakeStack, listedModel, responseMessage, type Route } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';
import { limited, meterOf } from '../helpers/meter.js';

type Routes = Record<string, Route>;

/** A stack of which what is asked of its models is counted. */
function stackOf(routes: Routes = {}, means: Partial<StackMeans> = {}, over: Parameters<typeof meterOf>[0] = {}) {
  const [api, counts] = [new FakeStack(routes), meterOf(over)];
  counts.meter.of('chat');
  const given = { api, chatApi: api, briefApi: api, modelKey: 'maas', calls: ONCE, meter: counts.meter };
  return { api, ...counts, stack: new Stack({ ...given, ...means }) };
}

const counted = (count: number) => ({ prompt_tokens: count, completion_tokens: 1 });
const EMBEDDING = { id: 'st/nomic', dimension: 3, requests: 0 };
const SPENT = { limits: limited({ tokens: 1 }), onBudget: 'stop' as const };

describe('what is asked through the stack', () => {
  it('is counted with the tokens that it reports', async () => {
    const { stack, spend } = stackOf({
      'POST /chat/completions': () => completion('x', counted(1)),
      'STREAM /chat/completions': () => [chunk('x', 'stop'), { usage: counted(2) }],
      'STREAM /responses': () => [
        {
          type: 'response.completed',
          response: {
            id: 'r',
            output: [{ type: 'file_search_call' }, responseMessage('x')],
            usage: { input_tokens: 3, output_tokens: 1 },
          },
        },
      ],
    });
    await stack.chat('m').complete(asking('p'));
    await stack.chat('m').completeStreamed(asking('p'));
    await stack.respond('m', 'q', 'vs-1', EMBEDDING);
    const row = { check: 'chat', hop: 'stack', model: 'm' };
    expect(spend.rows).toEqual([{ ...row, requests: 4, unreported: 0, promptTokens: 6, completionTokens: 3 }]);
  });

  it('is asked no more where a budget is spent', async () => {
    const { stack, api } = stackOf({}, {}, SPENT);
    await stack.chat('m').complete(asking('p'));
    for (const ask of [
      () => stack.chat('m').complete(asking('p')),
      () => stack.chat('m').completeStreamed(asking('p')),
      () => stack.respond('m', 'q', 'vs-1', EMBEDDING),
      () => stack.embed({ ...EMBEDDING, requests: 1 }, ['a']),
    ])
      expect(await failureOf(ask)).toMatchObject({ code: 'E_BUDGET', hop: 'run' });
    expect(api.calls.map(({ route }) => route)).toEqual(['POST /chat/completions', 'POST /conversations']);
  });

  it('is nothing where the stack is asked for something else', async () => {
    const { stack, spend } = stackOf();
    await stack.version();
    await stack.models();
    await stack.create('stack', 'conversation', '/conversations', {});
    await stack.deleteAll();
    expect(spend.rows).toEqual([]);
  });
});

describe('embeddings', () => {
  const vectors = { 'POST /embeddings': () => ({ data: [{ embedding: [1] }], usage: { prompt_tokens: 4 } }) };
  const listing = (provider: string) => ({
    ...vectors,
    'GET /models': () => ({ data: [listedModel('e', 'embedding', provider, 'm', 3)] }),
  });
  const embedOnce = async ({ stack }: { stack: Stack }) =>
    await stack.embed((await stack.embeddingModel()) ?? expect.fail('it lists none'), ['a']);

  it('that the stack makes by itself are not counted: nobody pays for them', async () => {
    const bench = stackOf(listing('sentence-transformers'));
    expect(await embedOnce(bench)).toEqual([[1]]);
    expect(bench.spend.rows).toEqual([]);
  });

  it('that the stack makes by itself are made although a budget is spent', async () => {
    const bench = stackOf(listing('sentence-transformers'), {}, SPENT);
    await bench.stack.chat('m').complete(asking('p'));
    expect(bench.meter.refusal()).toBeDefined();
    expect(await embedOnce(bench)).toEqual([[1]]);
  });

  it('that the service makes are counted', async () => {
    const bench = stackOf(listing('maas'));
    await embedOnce(bench);
    expect(bench.spend.rows).toMatchObject([{ hop: 'stack', model: 'e', requests: 1, unreported: 0, promptTokens: 4 }]);
  });

  it('are counted where nobody knows who makes them: at a server that is no stack', async () => {
    const models = () => ({ data: [{ id: 'text-embed' }] });
    const bench = stackOf({ ...vectors, 'GET /models': models }, { kind: 'openai', modelKey: '' });
    await embedOnce(bench);
    expect(bench.spend.rows).toMatchObject([{ model: 'text-embed', requests: 1, promptTokens: 4 }]);
  });
});
