import { at, items, member, text } from '../json.js';
import { readUsage, type Usage } from '../maas/answers.js';
import type { OpenAiApi } from '../ports.js';
import type { Meter } from './meter.js';
import type { AskedHop } from './spend.js';

/** Routes that ask a model. */
const ASKING = /^\/(chat\/completions|responses|embeddings)$/;

/** Begins to count a call. @throws BudgetSpent where it may not be made */
type Begin = (hop: AskedHop, model: string) => ReturnType<Meter['begin']>;

/** An API of which each request to a model is counted, with the tokens that the answer reports, and kept within the budgets. */
export function metered(api: OpenAiApi, hop: AskedHop, meter: Meter): OpenAiApi {
  return counted(api, hop, (...call) => meter.begin(...call));
}

/** The same, whatever was spent: for the calls that tell whose fault a failure is. */
export function meteredOnly(api: OpenAiApi, hop: AskedHop, meter: Meter): OpenAiApi {
  return counted(api, hop, (...call) => meter.count(...call));
}

function counted(api: OpenAiApi, hop: AskedHop, begin: Begin): OpenAiApi {
  return {
    get: (path) => api.get(path),
    delete: (path) => api.delete(path),
    upload: (file) => api.upload(file),
    post: async (path, body) => {
      if (!ASKING.test(path)) return await api.post(path, body);
      const end = begin(hop, modelOf(body));
      try {
        const answer = await api.post(path, body);
        end({ ...readSpend(answer.body), failure: undefined });
        return answer;
      } catch (failure) {
        end({ usage: undefined, further: 0, failure });
        throw failure;
      }
    },
    stream: (path, body) =>
      ASKING.test(path)
        ? countedStream(api.stream(path, body), () => begin(hop, modelOf(body)))
        : api.stream(path, body),
  };
}

async function* countedStream(chunks: AsyncIterable<unknown>, begin: () => ReturnType<Begin>): AsyncGenerator {
  const end = begin();
  let spent: Spent = { usage: undefined, further: 0 };
  let failure: unknown;
  try {
    for await (const chunk of chunks) {
      const { usage = spent.usage, further } = readSpend(member(chunk, 'response') ?? chunk);
      spent = { usage, further: Math.max(further, spent.further) };
      yield chunk;
    }
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    end({ ...spent, failure }); // a reader may have had enough
  }
}

interface Spent {
  usage: Usage | undefined;
  /** Further requests to the model that it tells of. */
  further: number;
}

function readSpend(body: unknown): Spent {
  return { usage: readUsage(member(body, 'usage')), further: turnsOf(body) };
}

/**
 * Each call of a tool that the server of a response made is followed by one more request to the model, with what it brought;
 * several at once by one alone, which nobody tells. A function is the client's to call.
 */
function turnsOf(body: unknown): number {
  const types = items(member(body, 'output')).map((item) => text(member(item, 'type')));
  return types.filter((type) => type.endsWith('_call') && type !== 'function_call').length;
}

function modelOf(body: object): string {
  return text(at(body, 'model'));
}
