import { ACCEPTED_CODINGS } from './http-body.js';
import { ask, type Answer } from './http.js';

/** Statuses that have no body: https://fetch.spec.whatwg.org/#null-body-status */
const WITHOUT_BODY = [204, 205, 304];

/**
 * What a caller of fetch asks, asked by our own HTTP. The global Response and FormData only write and read bodies here: no
 * part of the fetch behind them touches a connection.
 *
 * @param mostBytes of the unpacked body
 */
export async function askAsFetch(
  input: string | URL | Request,
  init: RequestInit | undefined,
  mostBytes: number,
): Promise<Answer> {
  const written = new Response(init?.body ?? null);
  const headers = new Headers({ accept: '*/*', 'accept-encoding': ACCEPTED_CODINGS });
  new Headers(init?.headers).forEach((value, name) => headers.set(name, value));
  const type = written.headers.get('content-type');
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  return await ask(new URL(input instanceof Request ? input.url : input), {
    method: init?.method ?? 'GET',
    headers: Object.fromEntries(headers),
    ...(init?.body == null ? {} : { body: new Uint8Array(await written.arrayBuffer()) }),
    signal: init?.signal ?? new AbortController().signal,
    mostBytes,
  });
}

/** An answer as fetch gives it. */
export function responseOf({ status, headers, body, close }: Answer): Response {
  const isEmpty = WITHOUT_BODY.includes(status);
  if (isEmpty) close();
  // Response takes no status outside of these, and servers send them
  const known = status >= 200 && status < 600;
  const response = new Response(isEmpty ? null : streamOf(body, close), { status: known ? status : 599, headers });
  return known ? response : Object.defineProperty(response, 'status', { value: status });
}

/** A body as a web stream, read no faster than it is asked for. */
function streamOf(body: AsyncIterable<Uint8Array>, close: () => void): ReadableStream<Uint8Array> {
  const reading = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (stream) => {
        const next = await reading.next();
        if (next.done) stream.close();
        else stream.enqueue(next.value);
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
}
