import { ApiFailure } from '../../src/maas/failure.js';
import type { ApiAnswer, ApiTarget, OpenAiApi, Upload } from '../../src/ports.js';
import { FakeStack, type Route } from './fake-stack.js';

/** What a server has at "METHOD /path": a route of the fake stack, or one of its own. Anything else is not found. */
type Has = (route: string) => 'of the stack' | Route | undefined;

/** A server of which the paths count, in front of a fake stack that does the work. */
export class FakeServer {
  /** "METHOD /path" of all calls, in order; streams and uploads are POST. */
  readonly asked: string[] = [];

  constructor(
    private readonly has: Has,
    readonly stack = new FakeStack(),
  ) {}

  open = ({ baseUrl }: Pick<ApiTarget, 'baseUrl'>): OpenAiApi => {
    const base = new URL(baseUrl).pathname.replace(/\/$/, '');
    const answer = async (method: string, path: string, pass: () => Promise<ApiAnswer>): Promise<ApiAnswer> => {
      const own = this.find(`${method} ${base}${path}`, `${method} ${path}`);
      return own ? { body: own(undefined), headers: {} } : await pass();
    };
    return {
      get: (path) => answer('GET', path, () => this.stack.get(path)),
      post: (path, body) => answer('POST', path, () => this.stack.post(path, body)),
      delete: (path) => answer('DELETE', path, () => this.stack.delete(path)),
      upload: (file: Upload) => answer('POST', '/files', () => this.stack.upload(file)),
      stream: (path, body) => this.stream(base, path, body),
    };
  };

  private async *stream(base: string, path: string, body: object): AsyncIterable<unknown> {
    this.find(`POST ${base}${path}`, `POST ${path} (stream)`);
    yield* this.stack.stream(path, body);
  }

  /** A route of its own, where the fake stack does not answer for it. */
  private find(route: string, call: string): Route | undefined {
    this.asked.push(route);
    const found = this.has(route);
    if (!found) throw new ApiFailure('status', call, 'Not Found', { status: 404 });
    return found === 'of the stack' ? undefined : found;
  }
}

/** Models as stacks up to 0.3 list them. */
const OLDER_MODELS = {
  data: [
    olderModel('maas/acme/chat-1.5', 'llm', 'maas', 'acme/chat-1.5', {}),
    olderModel('st/nomic', 'embedding', 'st', 'nomic', { embedding_dimension: 3 }),
  ],
};

export function olderModel(
  identifier: string,
  model_type: string,
  provider_id: string,
  resource: string,
  metadata: object,
) {
  return { identifier, provider_resource_id: resource, provider_id, type: 'model', model_type, metadata };
}

export const modelsOf =
  (...ids: string[]): Route =>
  () => ({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) });

const routesOf =
  (...routes: string[]): Route =>
  () => ({ data: routes.map((route) => ({ route, method: 'POST', provider_types: [] })) });

type Own = Record<string, Route | undefined>;

/** The first that knows the route; an own one that is undefined is not there. */
function routes(own: Own, passed: RegExp): Has {
  return (route) => (route in own ? own[route] : passed.test(route) ? 'of the stack' : undefined);
}

/** Read in the sources of 0.2.12 and 0.2.22: no conversations, and nothing of OpenAI's outside of /v1/openai/v1. */
export function stack02(own: Own = {}, stack?: FakeStack): FakeServer {
  return new FakeServer(
    routes(
      {
        'GET /v1/models': () => OLDER_MODELS,
        'GET /v1/version': () => ({ version: '0.2.22' }),
        'GET /v1/inspect/routes': routesOf('/v1/models', '/v1/openai/v1/chat/completions', '/v1/version'),
        'GET /v1/openai/v1/models': modelsOf('maas/acme/chat-1.5', 'st/nomic'),
        ...own,
      },
      / \/v1\/(providers$|openai\/v1\/(chat|embeddings|files|vector_stores|responses)\b)/,
    ),
    stack,
  );
}

/** Read in the source of 0.3.5: OpenAI's routes below /v1, and some of them in the old place too. */
export function stack03(own: Own = {}, stack?: FakeStack): FakeServer {
  return new FakeServer(
    routes(
      {
        'GET /v1/models': () => OLDER_MODELS,
        'GET /v1/version': () => ({ version: '0.3.5' }),
        'GET /v1/chat/completions': () => ({ data: [] }),
        'GET /v1/inspect/routes': routesOf('/v1/openai/v1/chat/completions', '/v1/chat/completions', '/v1/version'),
        'GET /v1/openai/v1/models': modelsOf('maas/acme/chat-1.5', 'st/nomic'),
        ...own,
      },
      / \/v1\/(providers$|(chat|embeddings|files|vector_stores|responses|conversations)\b|openai\/v1\/(chat|embeddings)\b)/,
    ),
    stack,
  );
}

/** The stack of today. */
export function stack06(own: Own = {}, stack?: FakeStack): FakeServer {
  return new FakeServer(routes(own, / \/v1\/(?!openai|inspect)/), stack);
}

/** An application with the API of chat alone, and one model, which it names as it likes. */
export function application(own: Own = {}, stack?: FakeStack): FakeServer {
  return new FakeServer(routes({ 'GET /v1/models': modelsOf('rag'), ...own }, / \/v1\/chat\/completions$/), stack);
}

/** One that offers all of OpenAI's API. */
export function fullApplication(own: Own = {}, stack?: FakeStack): FakeServer {
  const all = / \/v1\/(chat|embeddings|files|vector_stores|responses|conversations)\b/;
  return new FakeServer(routes({ 'GET /v1/models': modelsOf('rag', 'text-embed'), ...own }, all), stack);
}
