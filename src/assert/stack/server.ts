import { items, member, text } from '../../json.js';
import { ApiFailure } from '../../maas/failure.js';
import type { OpenAiApi } from '../../ports.js';

/** What is judged: a Llama Stack of 0.4 or newer, an older one, or any other server with an API in the form of OpenAI's. */
export type ServerKind = 'llama-stack' | 'older-llama-stack' | 'openai';

/** What the user says of the server. */
export interface Declared {
  /** llama-stack where left out. */
  api?: 'llama-stack' | 'openai' | undefined;
  /** Path of OpenAI's routes, / for none; empty or left out: /v1, or where an older stack has them. */
  basePath?: string | undefined;
}

/** Where the routes of a server are. */
export interface Place {
  kind: ServerKind;
  /** Path of OpenAI's routes. */
  basePath: string;
  /** Path of a stack's own routes: version, providers, and the models with what they are. */
  ownPath: string;
}

const DEFAULT_PATH = '/v1';
/** Where stacks up to 0.2 have OpenAI's routes, after their own path; 0.3 has some of them there too. */
const OLDER_PATH = '/openai/v1';
const CHAT = '/v1/chat/completions';

/**
 * Where the server's routes are. A path that the user names is taken as it is.
 *
 * @param open an API at a path of the server
 * @param listModels waits for the server, and gives what it answers when it is asked for its models; undefined: an error
 */
export async function findPlace(
  { api = 'llama-stack', basePath }: Declared,
  open: (path: string) => OpenAiApi,
  listModels: (api: OpenAiApi) => Promise<unknown>,
): Promise<Place> {
  const named = basePath ? basePath.replace(/\/+$/, '') : undefined;
  if (api === 'openai') return { kind: api, basePath: named ?? DEFAULT_PATH, ownPath: named ?? DEFAULT_PATH };
  const ownPath = named?.endsWith(OLDER_PATH) ? named.slice(0, -OLDER_PATH.length) : (named ?? DEFAULT_PATH);
  const own = open(ownPath);
  if (!isOlderList(await listModels(own))) return { kind: api, basePath: named ?? ownPath, ownPath };
  const kind = 'older-llama-stack';
  if (named !== undefined) return { kind, basePath: named, ownPath };
  const older = `${ownPath}${OLDER_PATH}`;
  return { kind, basePath: (await isBelow(own, open(older))) ? older : ownPath, ownPath };
}

/** Up to 0.3 `/v1/models` lists models in a form of the stack's own, whatever else it has. */
function isOlderList(body: unknown): boolean {
  const listed = items(member(body, 'data'));
  return listed.length > 0 && listed.every((item) => !text(member(item, 'id')) && text(member(item, 'identifier')));
}

/** Whether an older stack has OpenAI's routes below its own alone: by its list of routes, else by what is there. */
async function isBelow(own: OpenAiApi, older: OpenAiApi): Promise<boolean> {
  const routes = items(member(await answerOf(own, '/inspect/routes'), 'data')).map((one) => text(member(one, 'route')));
  const chats = routes.filter((route) => route.endsWith(CHAT));
  if (chats.length) return chats.every((route) => route.endsWith(`${OLDER_PATH}/chat/completions`));
  const chat = await answerOf(own, '/chat/completions');
  if (!(chat instanceof ApiFailure) || !isNoRoute(chat)) return false;
  const models = items(member(await answerOf(older, '/models'), 'data'));
  return models.length > 0 && models.every((item) => text(member(item, 'id')));
}

/** The body of an answer, or the failure. */
async function answerOf(api: OpenAiApi, path: string): Promise<unknown> {
  try {
    return (await api.get(path)).body;
  } catch (error) {
    if (error instanceof ApiFailure) return error;
    throw error;
  }
}

/** How FastAPI says that there is no such route; an unknown model, file or store is told by other words. */
function isNoRoute({ status, detail }: ApiFailure): boolean {
  return status === 404 && detail === 'Not Found';
}

/** Statuses by which a server says that it has no such route. */
const NO_ROUTE = [404, 405, 501];

/** Whether a failure of a server that is no stack says that it has no such route. */
export function isNotServed({ status }: ApiFailure): boolean {
  return status !== undefined && NO_ROUTE.includes(status);
}

/** What a server of this kind may lack. A stack of 0.4 or newer has all routes: one that is missing is a fault. */
const LACKABLE: Record<ServerKind, { calls: RegExp; said: (failure: ApiFailure) => boolean } | undefined> = {
  'llama-stack': undefined,
  'older-llama-stack': { calls: /\/(embeddings|files|vector_stores|conversations|responses)\b/, said: isNoRoute },
  openai: { calls: /\/(embeddings|conversations|responses)\b/, said: isNotServed },
};

/** Why a check can not be judged whose call failed like this: the server has no such route. undefined: it is a failure. */
export function lacking(kind: ServerKind, failure: ApiFailure): string | undefined {
  const lackable = LACKABLE[kind];
  if (!lackable?.calls.test(failure.call) || !lackable.said(failure)) return undefined;
  const server = kind === 'openai' ? 'server' : 'stack';
  return `the ${server} does not offer ${failure.call.replace(' (stream)', '')} (HTTP ${failure.status ?? ''})`;
}
