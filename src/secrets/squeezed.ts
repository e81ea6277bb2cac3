import { isUnseenCode, unseenAt } from './unseen.js';
import { Builder, textOf, type View } from './view.js';

/**
 * What is made of quotes and backslashes, which programs put before and around what they write: they are gone; only
 * backslashes are gone; or as many as stand together are one, since in a secret that is of quotes mostly they are what tells.
 */
export type Quotes = 'dropped' | 'without backslashes' | 'as one';

const [BACKSLASH, QUOTE, APOSTROPHE, BLANK, LINE_FEED] = [0x5c, 0x22, 0x27, 0x20, 10];
const [KEPT, IS_BACKSLASH, IS_QUOTE, IS_BLANK, IS_UNSEEN] = [0, 1, 2, 3, 4];
const KINDS = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code === BACKSLASH) return IS_BACKSLASH;
  if (code === QUOTE || code === APOSTROPHE) return IS_QUOTE;
  if (code === BLANK || (code >= 9 && code <= 13 && code !== 11 && code !== 12)) return IS_BLANK;
  return isUnseenCode(code) ? IS_UNSEEN : KEPT;
});

/** A view without what is not seen of it and without its line breaks, with the blanks around them; and its quotes as told. */
export function squeezed(view: View, quotes: Quotes): View {
  const { codes, starts, ends } = view;
  const out = new Builder(codes.length);
  let text: string | undefined;
  let run = -1; // where the last character was that is one with those before
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    const kind = kindOf(code);
    if (kind === IS_UNSEEN) at += Math.max(unseenAt((text ??= textOf(view)), at), 1) - 1;
    else if (kind === IS_BLANK) {
      const end = blanksFrom(codes, at);
      const isKept = end === at + 1 ? code !== LINE_FEED : !breaksWithin(codes, at, end);
      for (let blank = at; blank < end && isKept; blank += 1)
        out.add(codes[blank] ?? 0, starts[blank] ?? 0, ends[blank] ?? 0);
      at = end - 1;
    } else if (kind === KEPT || (kind === IS_QUOTE && quotes === 'without backslashes'))
      out.add(code, starts[at] ?? 0, ends[at] ?? 0);
    else if (quotes === 'as one') {
      if (run < 0 || run !== at - 1) out.add(QUOTE, starts[at] ?? 0, ends[at] ?? 0);
      run = at;
    }
  }
  return out.made();
}

function kindOf(code: number): number {
  if (code < 256) return KINDS[code] ?? KEPT;
  return isUnseenCode(code) ? IS_UNSEEN : KEPT;
}

function breaksWithin(codes: Uint16Array, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1) if (codes[at] === LINE_FEED) return true;
  return false;
}

function blanksFrom(codes: Uint16Array, from: number): number {
  let end = from;
  while (end < codes.length && kindOf(codes[end] ?? 0) === IS_BLANK) end += 1;
  return end;
}
