import type { Span } from './fragments.js';
import { beforeEscape, createKeyFinder, type KeyFinder } from './key-finder.js';

export type Redact = (text: string) => string;

/** A text that comes in pieces, redacted as it passes. */
export interface RedactedStream {
  /** Takes a piece; gives what can be told of the text so far. Holds back a few characters, and nothing of a whole line. */
  push(piece: string): string;
  /** The rest. */
  end(): string;
}

/** Takes the key out of texts: every eight characters of every form of it. */
export interface Redactor {
  redact: Redact;
  stream(): RedactedStream;
}

/**
 * The one redactor, for one key. A text without the key stays as it is, character by character; an empty key, or one shorter
 * than a fragment, leaves every text so.
 */
export function createRedactor(key: string): Redactor {
  const finder = createKeyFinder(key);
  const mask = maskFor(key);
  const stream = () => new Stream(finder, mask);
  return { redact: (text) => inPieces(text, stream()), stream };
}

/** Characters of a piece: what is kept of a text while it is looked at is several times as long. */
const PIECE = 64 * 1024;

function inPieces(text: string, stream: RedactedStream): string {
  let out = '';
  for (let at = 0; at < text.length; at += PIECE) out += stream.push(text.slice(at, at + PIECE));
  return out + stream.end();
}

/** What stands beside a mask must make no fragment with it: it ends with what no form of this key has in it. */
function maskFor(key: string): string {
  if (!key.includes('*')) return '***';
  return key.includes(' ') ? '•••' : ' *** ';
}

/** A part of a text, with a mask where each span begins; what of a span begins before the part is masked already. */
function masked(text: string, part: Span, spans: Span[], mask: string): string {
  let out = '';
  let from = part.start;
  for (const { start, end } of spans) {
    if (start >= part.end) break;
    if (start >= part.start) out += text.slice(from, start) + mask;
    from = Math.max(from, Math.min(end, part.end));
  }
  return out + text.slice(from, part.end);
}

class Stream implements RedactedStream {
  /** The end of the text so far, in which a fragment may have begun. */
  private held = '';
  /** Characters at the beginning of `held` that a mask already stands for; undefined where none ends there. */
  private covered: number | undefined;

  constructor(
    private readonly finder: KeyFinder,
    private readonly mask: string,
  ) {}

  push(piece: string): string {
    const text = this.held + piece;
    const whole = text.lastIndexOf('\n') + 1; // no form has a line break in it
    const known = beforeEscape(text, Math.max(0, text.length - this.finder.reach + 1));
    return this.pass(text, Math.max(whole, known));
  }

  end(): string {
    return this.pass(this.held, this.held.length);
  }

  /** Gives the text up to `until`, and holds the rest. */
  private pass(text: string, until: number): string {
    const spans = this.withCovered(this.finder.find(text));
    const out = masked(text, { start: 0, end: until }, spans, this.mask);
    const open = spans.find(({ start, end }) => start < until && end >= until);
    this.covered = open && open.end - until;
    this.held = text.slice(until);
    return out;
  }

  /** The span whose mask was given before begins before this text. */
  private withCovered(spans: Span[]): Span[] {
    if (this.covered === undefined) return spans;
    const [first, ...rest] = spans;
    if (first && first.start <= this.covered) return [{ start: -1, end: Math.max(first.end, this.covered) }, ...rest];
    return [{ start: -1, end: this.covered }, ...spans];
  }
}

/** Every string in a value redacted: before it is cut or escaped, when a key can still be told. Names of members stay. */
export function redactAll<T>(value: T, redact: Redact): T {
  if (typeof value === 'string') return redact(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => redactAll(item, redact)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, redactAll(item as unknown, redact)]),
  ) as T;
}
