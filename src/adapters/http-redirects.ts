import { isOpenOnTheWay } from '../named-url.js';
import { ask, type Answer, type Asking } from './http.js';
import { HttpFailure } from './http-failure.js';

const REDIRECTS = [301, 302, 303, 307, 308];

/** As many as a release needs that is moved, and moved again: GitHub's take one or two. */
const MOST_REDIRECTS = 10;

/** All that another origin is told: every header that is not here may be a key under any name. */
const FOR_EVERYBODY = ['accept', 'accept-encoding', 'user-agent'];

/**
 * A GET that follows redirects. Headers of the caller's stay with the origin of the first URL; nothing goes from https to
 * http, nor from this machine to http elsewhere, where it could be read and changed on its way.
 *
 * @throws HttpFailure `redirect` where one is not followed; what {@link ask} throws
 */
export async function askFollowing(first: URL, asking: Asking): Promise<Answer> {
  let url = first;
  for (let followed = 0; ; followed += 1) {
    const answer = await ask(url, { ...asking, headers: headersFor(url, first, asking.headers) });
    const location = answer.headers.get('location');
    if (!REDIRECTS.includes(answer.status) || location === null) return answer;
    answer.close();
    if (followed === MOST_REDIRECTS) throw new HttpFailure('redirect', `more than ${MOST_REDIRECTS} redirects`);
    url = nextUrl(url, location);
  }
}

function nextUrl(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw new HttpFailure('redirect', 'it redirects to what is no URL');
  const next = new URL(location, from);
  if (from.protocol === 'https:' && next.protocol === 'http:')
    throw new HttpFailure('redirect', `it redirects from https to http (${next.host}), which is not followed`);
  if (isOpenOnTheWay(next.href) && !isOpenOnTheWay(from.href))
    throw new HttpFailure('redirect', `it redirects from this machine to http (${next.host}), which is not followed`);
  return next;
}

function headersFor(url: URL, first: URL, headers: Record<string, string> = {}): Record<string, string> {
  if (url.origin === first.origin) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => FOR_EVERYBODY.includes(name.toLowerCase())));
}
