import { hasUnseen, unseenAt, withoutUnseen } from './unseen.js';

/** A text with its escapes undone, and where each of its characters stood. */
export interface View {
  text: string;
  /** Of each character: where what it was written as begins and ends. */
  starts: Int32Array;
  ends: Int32Array;
}

const [BACKSLASH, QUOTE, APOSTROPHE, PERCENT, AMPERSAND] = [0x5c, 0x22, 0x27, 0x25, 0x26];
/** \u0026, \x26, %26, &#38;, &#x26;, &amp; */
const ESCAPE =
  /\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|%([0-9a-f]{2})|&#(\d{1,3});|&#x([0-9a-f]{1,2});|&(amp|lt|gt|quot|apos);/iy;
const EVERY_ESCAPE = new RegExp(ESCAPE, 'gi');
const NAMES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** Escapes in escapes that are undone: JSON in JSON, a URL in a URL. */
const DEPTH = 3;
/** What an escape begins with. */
export const BEGINS = /[\\%&]/;

/**
 * Whatever a program does to write a text as a part of another (JSON, YAML, a shell, a URL, markup, CSV, Markdown, a program's
 * string), undone: escapes are what they stand for, once, twice and so on, as what looks like one may be none; backslashes and
 * quotes are gone.
 */
export function viewsOf(text: string): View[] {
  const positions = new Int32Array(text.length + 1);
  for (let at = 0; at < positions.length; at += 1) positions[at] = at;
  const views: View[] = [{ text, starts: positions, ends: positions.subarray(1) }];
  for (let last = views[0]; last && views.length <= DEPTH && BEGINS.test(last.text);) {
    const next = undone(last);
    if (next.text.length === last.text.length) break;
    views.push(next);
    last = next;
  }
  return views.map(withoutQuotes);
}

/** The texts of the views alone: much faster, and mostly there is nothing in them. */
export function textsOfViews(text: string): string[] {
  const texts = [text];
  for (let last = text; texts.length <= DEPTH && BEGINS.test(last);) {
    const next = last.replace(EVERY_ESCAPE, (...escape: unknown[]) => String.fromCharCode(codeOf(escape as string[])));
    if (next.length === last.length) break;
    texts.push(next);
    last = next;
  }
  return texts.map(unquoted);
}

/** A text without backslashes and quotes, and without what is not seen of it. */
export function unquoted(text: string): string {
  return withoutUnseen(text).replace(/[\\'"]/g, '');
}

function undone({ text, starts, ends }: View): View {
  const view = new Builder(text.length);
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    ESCAPE.lastIndex = at;
    const mayBegin = code === BACKSLASH || code === PERCENT || code === AMPERSAND;
    const escape = mayBegin ? ESCAPE.exec(text) : null;
    const length = escape?.[0].length ?? 1;
    view.add(escape ? codeOf(escape) : code, starts[at] ?? 0, ends[at + length - 1] ?? 0);
    at += length;
  }
  return view.made();
}

function codeOf([, u, x, percent, decimal, hex, name]: (string | undefined)[]): number {
  if (name !== undefined) return (NAMES[name.toLowerCase()] ?? '').charCodeAt(0);
  return decimal === undefined ? parseInt(u ?? x ?? percent ?? hex ?? '', 16) : Number(decimal);
}

function withoutQuotes({ text, starts, ends }: View): View {
  const view = new Builder(text.length);
  const isAllSeen = !hasUnseen(text);
  for (let at = 0; at < text.length; at += 1) {
    const unseen = isAllSeen ? 0 : unseenAt(text, at);
    if (unseen) {
      at += unseen - 1;
      continue;
    }
    const code = text.charCodeAt(at);
    if (code !== BACKSLASH && code !== QUOTE && code !== APOSTROPHE) view.add(code, starts[at] ?? 0, ends[at] ?? 0);
  }
  return view.made();
}

/** A view in the making. Numbers in typed arrays: megabytes of logs pass through here. */
class Builder {
  private length = 0;
  private readonly codes: Uint16Array;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;

  constructor(most: number) {
    this.codes = new Uint16Array(most);
    this.starts = new Int32Array(most);
    this.ends = new Int32Array(most);
  }

  add(code: number, start: number, end: number): void {
    this.codes[this.length] = code;
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.length += 1;
  }

  made(): View {
    const { codes, starts, ends, length } = this;
    const text = Buffer.from(codes.buffer, 0, length * 2).toString('utf16le');
    return { text, starts: starts.subarray(0, length), ends: ends.subarray(0, length) };
  }
}
