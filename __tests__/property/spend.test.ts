import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at } from '../../src/json.js';
import { ApiFailure } from '../../src/maas/failure.js';
import type { OpenAiApi } from '../../src/ports.js';
import { metered, meteredOnly } from '../../src/spend/metered.js';
import { totalsOf, type AskedHop, type UsageRow } from '../../src/spend/spend.js';
import { limited, meterOf } from '../helpers/meter.js';

const PATHS = ['/chat/completions', '/responses', '/embeddings'];

/** What the fake API answers. */
interface Answer {
  usage: { prompt: number; completion: number } | undefined;
  /** Tools that it says it called. */
  tools: number;
  failure: ApiFailure | undefined;
  /** Chunks before the one with the tokens, and after it, of a stream. */
  before: number;
  after: number;
}

interface Call {
  check: string;
  hop: AskedHop;
  model: string;
  path: string;
  streamed: boolean;
  /** Chunks that the reader of a stream wants. */
  wants: number;
  answer: Answer;
}

const failure = fc.constantFrom(
  new ApiFailure('status', 'x', 'slow down', { status: 429 }),
  new ApiFailure('status', 'x', 'boom', { status: 500 }),
  new ApiFailure('connection', 'x', 'ECONNREFUSED'),
  new ApiFailure('connection', 'x', 'ECONNRESET'),
  new ApiFailure('timeout', 'x', ''),
);
const count = fc.nat({ max: 5000 });
const answer: fc.Arbitrary<Answer> = fc.record({
  usage: fc.option(fc.record({ prompt: count, completion: count }), { nil: undefined }),
  tools: fc.nat({ max: 3 }),
  failure: fc.option(failure, { nil: undefined, freq: 3 }),
  before: fc.nat({ max: 3 }),
  after: fc.nat({ max: 3 }),
});
const call: fc.Arbitrary<Call> = fc.record({
  check: fc.constantFrom('probe', 'chat', 'load'),
  hop: fc.constantFrom<AskedHop>('model service', 'stack'),
  model: fc.constantFrom('a', 'b', 'maas/a'),
  path: fc.constantFrom(...PATHS, '/conversations'),
  streamed: fc.boolean(),
  wants: fc.integer({ min: 1, max: 9 }),
  answer,
});
const calls = fc.array(call, { maxLength: 40 });

const soon = (turns: number): Promise<void> =>
  turns ? new Promise((resolve) => setImmediate(() => void soon(turns - 1).then(resolve))) : Promise.resolve();

/** What the API has told of, by its own count. */
type Told = Pick<UsageRow, 'requests' | 'unreported' | 'promptTokens' | 'completionTokens'>;

/** What is refused costs nothing; what nobody takes is no request either. */
const isRefused = ({ failure }: Answer): boolean => failure?.status !== undefined || isNotTaken({ failure });
const isNotTaken = ({ failure }: Pick<Answer, 'failure'>): boolean => failure?.detail === 'ECONNREFUSED';

function bodyOf({ usage, tools }: Answer): object {
  const output = Array.from({ length: tools }, () => ({ type: 'file_search_call' }));
  return { output, usage: usage ? { prompt_tokens: usage.prompt, completion_tokens: usage.completion } : UNCOUNTED };
}
const UNCOUNTED = { prompt_tokens: -1, completion_tokens: -1 };

/** An API that answers as the body of a request says, each in its time; it counts what it reports, and what it does not. */
function reporting(told: Told): OpenAiApi & { asked: () => number } {
  let asked = 0;
  /** Takes a request; tells what it has reported of it at the end. */
  const take = (path: string, body: object) => {
    const answer = at(body, 'answer') as Answer;
    const isModel = PATHS.includes(path);
    if (isModel) asked += 1;
    if (isModel && !isNotTaken(answer)) told.requests += 1;
    const end = (hasReported: boolean) => {
      if (!isModel) return;
      if (hasReported) told.requests += answer.tools;
      if (hasReported && answer.usage) {
        told.promptTokens += answer.usage.prompt;
        told.completionTokens += answer.usage.completion;
      } else if (!isRefused(answer)) told.unreported += 1;
    };
    return { answer, end };
  };
  const none = () => Promise.reject(new Error('it does nothing else'));
  return {
    asked: () => asked,
    get: none,
    delete: none,
    upload: none,
    post: async (path, body) => {
      const { answer, end } = take(path, body);
      await soon(answer.before);
      end(!answer.failure);
      if (answer.failure) throw answer.failure;
      return { body: bodyOf(answer), headers: {} };
    },
    async *stream(path, body) {
      const { answer, end } = take(path, body);
      let hasReported = false;
      try {
        if (answer.failure && isRefused(answer)) throw answer.failure; // before its first chunk
        for (let chunk = 0; chunk < answer.before; chunk += 1) {
          await soon(1);
          yield { delta: 'x' };
        }
        if (answer.failure) throw answer.failure;
        hasReported = true;
        yield path === '/responses' ? { type: 'response.completed', response: bodyOf(answer) } : bodyOf(answer);
        for (let chunk = 0; chunk < answer.after; chunk += 1) yield { delta: 'x' };
      } finally {
        end(hasReported);
      }
    },
  };
}

/** Makes a call, and reads as much of it as its reader wants. */
async function make(api: OpenAiApi, { path, model, streamed, wants, answer }: Call): Promise<void> {
  const body = { model, answer };
  try {
    if (!streamed) {
      await api.post(path, body);
      return;
    }
    let read = 0;
    for await (const chunk of api.stream(path, body)) if (chunk && (read += 1) >= wants) break;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

const nothing = (): Told => ({ requests: 0, unreported: 0, promptTokens: 0, completionTokens: 0 });

describe('the rows of a spend', () => {
  it('sum up to what the API reported, whoever asks for what, in turn or in parallel', async () => {
    await fc.assert(
      fc.asyncProperty(calls, fc.boolean(), async (made, inParallel) => {
        const [told, { meter, spend }] = [nothing(), meterOf()];
        const api = reporting(told);
        const pending = [];
        for (const one of made) {
          meter.of(one.check);
          const ended = make(metered(api, one.hop, meter), one);
          if (inParallel) pending.push(ended);
          else await ended;
        }
        await Promise.all(pending);
        expect(totalsOf(spend.rows)).toEqual({ ...told, totalTokens: told.promptTokens + told.completionTokens });
        const keys = spend.rows.map(({ check, hop, model }) => `${check} ${hop} ${model}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 300 },
    );
  });

  it('sum up by each check, hop and model to what the API reported to these', async () => {
    await fc.assert(
      fc.asyncProperty(calls, async (made) => {
        const [told, { meter, spend }] = [new Map<string, Told>(), meterOf()];
        const keyOf = ({ check, hop, model }: Pick<Call, 'check' | 'hop' | 'model'>) => `${check} ${hop} ${model}`;
        const pending = made.map((one) => {
          const key = keyOf(one);
          const own = told.get(key) ?? nothing();
          if (PATHS.includes(one.path)) told.set(key, own);
          meter.of(one.check);
          return make(metered(reporting(own), one.hop, meter), one);
        });
        await Promise.all(pending);
        const rows = spend.rows.map(({ requests, unreported, promptTokens, completionTokens, ...who }) => [
          keyOf(who),
          { requests, unreported, promptTokens, completionTokens },
        ]);
        expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(told));
      }),
      { numRuns: 200 },
    );
  });

  it('never have more requests than a budget of them, whatever comes of the calls; those for blame come on top', async () => {
    const plain = call.map((one): Call => ({ ...one, answer: { ...one.answer, tools: 0 } }));
    await fc.assert(
      fc.asyncProperty(fc.array(plain, { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), async (made, requests) => {
        const [told, { meter, spend }] = [nothing(), meterOf({ limits: limited({ requests }), onBudget: 'stop' })];
        const api = reporting(told);
        await Promise.all(made.map((one) => make(metered(api, one.hop, meter), one)));
        expect(totalsOf(spend.rows).requests).toBe(told.requests);
        expect(told.requests).toBeLessThanOrEqual(requests);
        expect(spend.stopped !== undefined).toBe(api.asked() < made.filter(({ path }) => PATHS.includes(path)).length);
        const before = told.requests;
        const blame = made.filter(({ path, answer }) => PATHS.includes(path) && !answer.failure);
        for (const one of blame) await make(meteredOnly(api, 'model service', meter), one);
        expect(totalsOf(spend.rows).requests).toBe(before + blame.length);
      }),
      { numRuns: 300 },
    );
  });
});
