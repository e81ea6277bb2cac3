import { RunError, type Hop } from '../../errors.js';
import { items, member, text } from '../../json.js';
import { readEmbeddings, wrongShape } from '../../maas/answers.js';
import { createChat, type Chat } from '../../maas/chat.js';
import { ApiFailure } from '../../maas/failure.js';
import type { Calls } from '../../maas/calls.js';
import type { ApiAnswer, OpenAiApi } from '../../ports.js';
import { metered } from '../../spend/metered.js';
import type { Meter } from '../../spend/meter.js';
import { embedsByName, readModels, readResponseStream, type RagResponse, type StackModel } from './readings.js';
import { isNotServed, lacking, type ServerKind } from './server.js';
import { stackError } from './stack-error.js';

export interface EmbeddingModel {
  id: string;
  /** As declared; undefined at a server that is no stack. */
  dimension: number | undefined;
  /** Requests that one embedding causes at the model service: none where the stack embeds by itself. */
  requests: number;
}

/** What one response with a tool usually causes at the model service at the most: the search, one more, the answer. */
const REQUESTS_OF_A_RESPONSE = 3;

/** ms for deleting everything: the cluster goes anyway. */
const DELETION_MS = 60_000;

/** How the stack is reached. APIs of one server with deadlines of their own: chat answers sooner than files are indexed. */
export interface StackMeans {
  api: OpenAiApi;
  chatApi: OpenAiApi;
  /** For the routes that are a stack's own; `api` where they lie beside OpenAI's. */
  ownApi?: OpenAiApi;
  /** llama-stack where left out. */
  kind?: ServerKind;
  /** For deletion at the end: nothing is worth waiting for any more. */
  briefApi: OpenAiApi;
  /** The provider id of the model service. */
  modelKey: string;
  calls: Calls;
  /** Counts what is asked of the model. */
  meter: Meter;
}

/** The stack under test, as a client sees it. Failures come as RunError with the hop that they show. */
export class Stack {
  /** What was made on the way and must be deleted. */
  readonly made: { what: string; path: string }[] = [];
  readonly kind: ServerKind;
  private readonly own: OpenAiApi;
  private readonly means: StackMeans;
  /** For embeddings that the stack makes by itself: nobody pays for them. */
  private readonly free: OpenAiApi;

  constructor(means: StackMeans) {
    const counted = (api: OpenAiApi) => metered(api, 'stack', means.meter);
    this.means = { ...means, api: counted(means.api), chatApi: counted(means.chatApi) };
    this.free = means.api;
    this.kind = means.kind ?? 'llama-stack';
    this.own = means.ownApi ?? means.api;
  }

  /** A chat model, through the stack. */
  chat(model: string): Chat {
    const { chatApi, calls } = this.means;
    return createChat(chatApi, { model, calls, errorOf: (failure) => stackError(failure, 'stack') });
  }

  async version(): Promise<string> {
    if (this.kind === 'openai') return 'unknown';
    const { body } = await this.call('stack', 0, () => this.own.get('/version'));
    return text(member(body, 'version')) || 'unknown';
  }

  /** Names of the providers of an API of the stack. */
  async providers(hop: Hop, wanted: string): Promise<string[]> {
    const { body } = await this.call(hop, 0, () => this.own.get('/providers'));
    return items(member(body, 'data'))
      .filter((provider) => member(provider, 'api') === wanted)
      .map((provider) => text(member(provider, 'provider_id')));
  }

  async models(): Promise<StackModel[]> {
    return await this.call('stack', 0, async () => readModels((await this.own.get('/models')).body));
  }

  /** The same; undefined where the server has no such list, as some applications have none. */
  async listedModels(): Promise<StackModel[] | undefined> {
    try {
      return await this.models();
    } catch (error) {
      if (this.kind === 'openai' && failureIn(error, isNotServed)) return undefined;
      throw error;
    }
  }

  /** Why the server has no vector stores; undefined where it has. A stack always should; another server is asked. */
  async whyNoStores(): Promise<string | undefined> {
    if (this.kind !== 'openai') return undefined;
    const none = 'the server has no vector stores';
    try {
      const { body } = await this.call('vector store', 0, ({ api }) => api.get('/vector_stores'));
      return Array.isArray(member(body, 'data')) ? undefined : none; // a page, for whatever path
    } catch (error) {
      const absent = failureIn(error, isNotServed);
      if (absent) return `${none} (HTTP ${absent.status ?? ''})`;
      throw error;
    }
  }

  /** Why a check that ended with this error can not be judged: the server has no such route. undefined: it has failed. */
  lacks(error: unknown): string | undefined {
    const failure = failureIn(error, () => true);
    return failure && lacking(this.kind, failure);
  }

  /**
   * The first embedding model that the stack lists with a dimension: a store needs one. At another server what goes by the
   * name of one; undefined where none does.
   */
  async embeddingModel(): Promise<EmbeddingModel | undefined> {
    if (this.kind === 'openai') {
      const found = (await this.listedModels())?.find(({ id, type }) => type === 'embedding' || embedsByName(id));
      return found && { id: found.id, dimension: found.dimension, requests: 1 };
    }
    for (const { id, type, dimension, providerId } of await this.models()) {
      if (type === 'embedding' && dimension !== undefined)
        return { id, dimension, requests: providerId === this.means.modelKey ? 1 : 0 };
    }
    throw new RunError(
      'E_EMBEDDING',
      'embedder',
      'the stack lists no embedding model with a dimension',
      'Add an embedding provider (sentence-transformers) to the stack.',
    );
  }

  async embed({ id: model, requests }: EmbeddingModel, input: string[]): Promise<number[][]> {
    const isFree = requests === 0 && Boolean(this.means.modelKey);
    return await this.call('embedder', requests, async ({ api }) => {
      const { body } = await (isFree ? this.free : api).post('/embeddings', { model, input });
      return readEmbeddings(body);
    });
  }

  /** A streamed response with file_search in a conversation of its own, as the agent chat of the UI asks for it. */
  async respond(
    model: string,
    question: string,
    storeId: string,
    { requests }: Pick<EmbeddingModel, 'requests'>,
  ): Promise<RagResponse> {
    const conversation = await this.create('stack', 'conversation', '/conversations', {});
    const tools = [{ type: 'file_search', vector_store_ids: [storeId], max_num_results: 5 }];
    const include = ['file_search_call.results'];
    const request = { model, input: question, tools, include, conversation };
    return await this.call('stack', REQUESTS_OF_A_RESPONSE + requests, async ({ chatApi }) => {
      const response = await readResponseStream(chatApi.stream('/responses', request));
      this.made.push({ what: 'response', path: `/responses/${response.id}` });
      return response;
    });
  }

  /** Makes something with an id, to be deleted at the end. */
  async create(hop: Hop, what: string, path: string, body: object): Promise<string> {
    return await this.note(hop, what, path, ({ api }) => api.post(path, body));
  }

  /** The id of what a call made; `path` is its collection's. */
  async note(hop: Hop, what: string, path: string, make: (means: StackMeans) => Promise<ApiAnswer>): Promise<string> {
    return await this.call(hop, 0, async (means) => {
      const { body } = await make(means);
      const id = text(member(body, 'id'));
      if (!id) throw wrongShape(`POST ${path}`, `a ${what} with an id`, body);
      this.made.push({ what, path: `${path}/${id}` });
      return id;
    });
  }

  /** Deletes what this client made, the last first; gives what could not be deleted. A stack that is gone is not waited for. */
  async deleteAll(): Promise<string[]> {
    const left: string[] = [];
    const deadline = Date.now() + DELETION_MS;
    let gone = false;
    for (const { what, path } of this.made.splice(0).reverse()) {
      try {
        if (gone || Date.now() > deadline) left.push(what);
        else await this.means.briefApi.delete(path);
      } catch (error) {
        gone = !(error instanceof ApiFailure && error.kind === 'status');
        left.push(what);
      }
    }
    return left;
  }

  /**
   * A call to the stack.
   * @param hop the part that it is about
   * @param requests what it may cause at the model service
   */
  async call<T>(hop: Hop, requests: number, work: (means: StackMeans) => Promise<T>): Promise<T> {
    return await this.make(this.means.calls, hop, requests, work);
  }

  /** A call to the stack that changes something each time that it arrives. */
  async change<T>(hop: Hop, requests: number, work: (means: StackMeans) => Promise<T>): Promise<T> {
    return await this.make(this.means.calls.ofChanges(), hop, requests, work);
  }

  private async make<T>(calls: Calls, hop: Hop, requests: number, work: (means: StackMeans) => Promise<T>): Promise<T> {
    try {
      return await calls.make(requests, () => work(this.means));
    } catch (error) {
      throw error instanceof ApiFailure ? stackError(error, hop) : error;
    }
  }
}

/** The failed call under an error, where it is one like this. */
function failureIn(error: unknown, isLike: (failure: ApiFailure) => boolean): ApiFailure | undefined {
  return error instanceof RunError && error.cause instanceof ApiFailure && isLike(error.cause)
    ? error.cause
    : undefined;
}
