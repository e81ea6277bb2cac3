import { isUnseenCode, unseenAt } from './unseen.js';
import { textOf, type View } from './view.js';

/**
 * What is made of quotes and backslashes, which programs put before and around what they write: they are gone; only
 * backslashes are gone; or as many as stand together are one, since in a secret that is of quotes mostly they are what tells.
 */
export type Quotes = 'dropped' | 'without backslashes' | 'as one';

export const [QUOTE, LINE_FEED] = [0x22, 10] as const;
const [BACKSLASH, APOSTROPHE, BLANK] = [0x5c, 0x27, 0x20];
/** What becomes of a character: of blanks it depends on the others beside them. */
export const [KEPT, IS_BLANK, DROPPED, IS_ONE, IS_UNSEEN] = [0, 1, 2, 3, 4] as const;
const KINDS: Record<Quotes, Uint8Array> = {
  dropped: kindsWith(DROPPED, DROPPED),
  'without backslashes': kindsWith(DROPPED, KEPT),
  'as one': kindsWith(IS_ONE, IS_ONE),
};

function kindsWith(backslash: number, quote: number): Uint8Array {
  const kinds = new Uint8Array(0x10000).map((_, code) => (isUnseenCode(code) ? IS_UNSEEN : KEPT));
  kinds[BACKSLASH] = backslash;
  kinds[QUOTE] = kinds[APOSTROPHE] = quote;
  for (const blank of [BLANK, 9, LINE_FEED, 13]) kinds[blank] = IS_BLANK;
  return kinds;
}

export function kindsOf(quotes: Quotes): Uint8Array {
  return KINDS[quotes];
}

/** A view without what is not seen of it and without its line breaks, with the blanks around them; and its quotes as told. */
export function squeezed(view: View, quotes: Quotes): View {
  const { starts, ends } = view;
  const places = new Int32Array(view.codes.length);
  const codes = new Uint16Array(view.codes.length);
  const length = squeeze(view, KINDS[quotes], { codes, places });
  const outEnds = new Int32Array(length);
  for (let at = 0; at < length; at += 1) {
    const place = places[at] ?? 0;
    outEnds[at] = ends[place] ?? 0;
    places[at] = starts[place] ?? 0;
  }
  return { codes: codes.subarray(0, length), starts: places.subarray(0, length), ends: outEnds };
}

/** Writes what is left of a view, and where in it that is; gives how much. */
function squeeze(view: View, kinds: Uint8Array, out: { codes: Uint16Array; places: Int32Array }): number {
  const { codes } = view;
  let length = 0;
  let text: string | undefined;
  let one = -2; // where the last character was that is one with those before
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    const kind = kinds[code];
    if (kind === IS_UNSEEN) at += Math.max(unseenAt((text ??= textOf(view)), at), 1) - 1;
    if (kind === IS_UNSEEN || kind === DROPPED) continue;
    if (kind === IS_ONE && one === at - 1) {
      one = at;
      continue;
    }
    if (kind === IS_ONE) one = at;
    const end = kind === IS_BLANK ? blanksFrom(codes, kinds, at) : at + 1;
    if (kind === IS_BLANK && breaksWithin(codes, at, end)) {
      at = end - 1;
      continue;
    }
    for (; at < end; at += 1, length += 1) {
      out.codes[length] = kind === IS_ONE ? QUOTE : (codes[at] ?? 0);
      out.places[length] = at;
    }
    at -= 1;
  }
  return length;
}

export function breaksWithin(codes: Uint16Array, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1) if (codes[at] === LINE_FEED) return true;
  return false;
}

function blanksFrom(codes: Uint16Array, kinds: Uint8Array, from: number): number {
  let end = from;
  while (end < codes.length && kinds[codes[end] ?? 0] === IS_BLANK) end += 1;
  return end;
}
