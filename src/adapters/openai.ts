import { Readable } from 'node:stream';
import { at, text } from '../json.js';
import OpenAI, { APIConnectionError, APIError, APIUserAbortError, toFile } from 'openai';
import { ApiFailure, oneLine } from '../maas/failure.js';
import type { ApiAnswer, ApiTarget, OpenAiApi } from '../ports.js';
import type { Redact } from '../secrets/redact.js';
import { codeOf } from './cause.js';
import { startDeadline, within, type Deadline } from './deadline.js';
import { firstOf } from './http-body.js';
import { inWholeEvents } from './http-events.js';
import { httpFailureIn } from './http-failure.js';
import { askAsFetch, responseOf } from './http-fetch.js';
import type { Answer } from './http.js';

/** A stream that has begun and brings nothing for this long, in ms, has stalled; this part of the whole deadline, where that is
 * less. A model that reasons, or searches, may be silent for long. */
const IDLE_MS = 45_000;
const IDLE_PART = 0.75;

/** Bytes read of an answer, and of what a server says of an error; and for how long of the latter, in ms. */
const MOST_ANSWER = 16 * 1024 ** 2;
const MOST_ERROR = 1024 ** 2;
const ERROR_MS = 5000;

type Attempt = <T>(call: string, request: () => Promise<T>) => Promise<T>;

/**
 * The openai SDK with its own retries off: it would sleep a Retry-After of any length. A deadline of our own covers the
 * body too, which the SDK's does not. Redirects are not followed, so that the key stays with its origin.
 *
 * @param redact takes the key out of what a server says of an error, before it is cut to a line; answers are left as they came
 */
export function createOpenAi(target: ApiTarget, runSignal: AbortSignal, redact: Redact): OpenAiApi {
  const client = connect(target, redact);
  const attempt: Attempt = async (call, request) => {
    try {
      return await request();
    } catch (error) {
      runSignal.throwIfAborted();
      throw error instanceof ApiFailure ? error : toApiFailure(call, error, redact);
    }
  };
  type Pending = { withResponse(): Promise<{ data: unknown; response: Response }> };
  const answer = (call: string, request: (options: { signal: AbortSignal }) => Pending) =>
    attempt(call, () =>
      within(target.timeoutMs, runSignal, async (signal): Promise<ApiAnswer> => {
        const { data, response } = await request({ signal }).withResponse();
        return { body: data, headers: Object.fromEntries(response.headers) };
      }),
    );

  return {
    get: (path) => answer(`GET ${path}`, (options) => client.get(path, options)),
    post: (path, body) => answer(`POST ${path}`, (options) => client.post<unknown>(path, { ...options, body })),
    delete: (path) => answer(`DELETE ${path}`, (options) => client.delete(path, options)),
    upload: async ({ name, type, content }) => {
      const file = await toFile(Buffer.from(content), name, { type });
      return answer('POST /files', (options) => client.files.create({ file, purpose: 'assistants' }, options));
    },
    stream: (path, body) => {
      const deadline = startDeadline(target.timeoutMs, runSignal);
      const idleMs = Math.min(IDLE_MS, target.timeoutMs * IDLE_PART);
      return streamChunks(client, path, body, { deadline, idleMs }, attempt);
    },
  };
}

async function* streamChunks(
  client: OpenAI,
  path: string,
  body: object,
  { deadline, idleMs }: { deadline: Deadline; idleMs: number },
  attempt: Attempt,
): AsyncGenerator {
  const call = `POST ${path} (stream)`;
  const { signal } = deadline;
  const stalled = () =>
    deadline.abort(new ApiFailure('stream', call, `the stream stalled: nothing for ${idleMs / 1000} s`));
  // the SDK ends an aborted stream as if it were whole, or with an error of its own
  const orEnded = <T>(step: Promise<T>): Promise<T> => step.finally(() => signal.throwIfAborted());
  const request = { signal, body: { ...body, stream: true }, stream: true };
  let timer: NodeJS.Timeout | undefined;
  let iterator: AsyncIterator<unknown> | undefined;
  try {
    const chunks = await attempt(call, () => orEnded(client.post<AsyncIterable<unknown>>(path, request)));
    const reading = (iterator = chunks[Symbol.asyncIterator]());
    for (;;) {
      const next = await attempt(call, () => orEnded(reading.next()));
      clearTimeout(timer);
      if (next.done) return;
      yield next.value;
      timer = setTimeout(stalled, idleMs);
    }
  } finally {
    clearTimeout(timer);
    deadline.close();
    await iterator?.return?.(); // a reader that has enough leaves no connection open
  }
}

function connect({ baseUrl, apiKey, timeoutMs }: ApiTarget, redact: Redact): OpenAI {
  const fetching: typeof fetch = (url, init) => fetchWithReadableErrors(url, init, redact);
  return new OpenAI({
    baseURL: baseUrl,
    apiKey,
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    // the client looks whether it comes with the Response of forms, and asks a URL of its own where it does not
    fetch: Object.assign(fetching, { Response }),
  });
}

function toApiFailure(call: string, error: unknown, redact: Redact): ApiFailure {
  if (error instanceof APIUserAbortError || isTimeout(error))
    return new ApiFailure('timeout', call, '', { cause: error });
  if (error instanceof APIConnectionError) return new ApiFailure('connection', call, codeOf(error), { cause: error });
  if (error instanceof APIError && typeof error.status === 'number') {
    const headers = error.headers instanceof Headers ? Object.fromEntries(error.headers) : {};
    return new ApiFailure('status', call, text(at(error.error, 'message')), {
      status: error.status,
      headers,
      cause: error,
    });
  }
  // without a status: an event of a stream that carries an error
  if (error instanceof SyntaxError || error instanceof APIError)
    return new ApiFailure(error instanceof APIError ? 'stream' : 'shape', call, oneLine(redact(error.message)), {
      cause: error,
    });
  const http = httpFailureIn(error)?.kind;
  const kind = http === 'too large' || http === 'unreadable' ? 'shape' : 'connection';
  const broken = http === 'broken off' ? 'the answer broke off, ' : '';
  return new ApiFailure(kind, call, `${broken}${codeOf(error)}`, { cause: error });
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(TimeoutError|AbortError|APIConnectionTimeoutError)$/.test(
      error.name === 'Error' ? error.constructor.name : error.name,
    )
  );
}

/**
 * The SDK keeps what a server says of an error only in OpenAI's own form. This puts every other form into it: `detail`
 * (the stack), a string, plain text, a page.
 */
async function fetchWithReadableErrors(
  url: string | URL | Request,
  init: RequestInit | undefined,
  redact: Redact,
): Promise<Response> {
  const answer = await askAsFetch(url, init, MOST_ANSWER);
  const { status } = answer;
  if ((status >= 200 && status < 300) || status === 304)
    return responseOf({ ...answer, body: inWholeEvents(answer.body) });
  const headers = new Headers(answer.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  headers.set('content-type', 'application/json');
  const error = { message: detailOf(redact(await beginningOf(answer, init?.signal))) };
  const body = Readable.from([Buffer.from(JSON.stringify({ error }))]);
  return responseOf({ status, headers, body, close: () => undefined });
}

/** What there is to read of an error. The status says enough where that never ends, breaks off or cannot be unpacked. */
async function beginningOf({ body, close }: Answer, signal: AbortSignal | null | undefined): Promise<string> {
  const timer = setTimeout(close, ERROR_MS);
  const { bytes, trouble } = await firstOf(body, MOST_ERROR);
  clearTimeout(timer);
  close();
  if (trouble !== undefined) signal?.throwIfAborted();
  return bytes.toString();
}

/** What a server said of its error, in one line. */
function detailOf(body: string): string {
  const said = parsed(body);
  const places = [
    at(said, 'error', 'message'),
    at(said, 'error', 'detail'),
    at(said, 'error'),
    at(said, 'message'),
    at(said, 'detail'),
  ];
  return oneLine(text(places.find((place) => typeof place === 'string' && place)) || body);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
