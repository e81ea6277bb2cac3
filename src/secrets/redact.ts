import { FRAGMENT, type Span } from './fragments.js';
import { createKeyFinder, createSecretFinder, REACH, type KeyFinder } from './key-finder.js';
import type { Secret } from './secret.js';

export type Redact = (text: string) => string;

/** A text that comes in pieces, redacted as it passes. */
export interface RedactedStream {
  /**
   * Takes a piece; gives what can be told of the text so far. Holds back less than two thousand characters, and of whole lines
   * only one that ends in what may go on in the next.
   */
  push(piece: string): string;
  /** The rest. */
  end(): string;
}

/** Takes secrets out of texts: every eight characters of every form of them. */
export interface Redactor {
  redact: Redact;
  stream(): RedactedStream;
  /** Names of the secrets of which a text tells something. */
  namesIn(text: string): string[];
}

/**
 * The one redactor, for one list of secrets. A text without them stays as it is, character by character; one that is shorter
 * than a fragment leaves every text so.
 */
export function createRedactor(secrets: Secret[]): Redactor {
  const values = secrets.map(({ value }) => value);
  const finder = createSecretFinder(values);
  const mask = maskFor(values);
  const stream = () => new Stream(finder, mask);
  return {
    redact: (text) => inPieces(text, stream()),
    stream,
    namesIn: (text) =>
      secrets.filter(({ value }) => createKeyFinder(value).find(text).length > 0).map(({ name }) => name),
  };
}

/** Characters of a piece: what is kept of a text while it is looked at is several times as long. */
const PIECE = 64 * 1024;

function inPieces(text: string, stream: RedactedStream): string {
  let out = '';
  for (let at = 0; at < text.length; at += PIECE) out += stream.push(text.slice(at, at + PIECE));
  return out + stream.end();
}

/** What stands beside a mask must make no fragment with it: it ends with what no form of a secret has in it. */
function maskFor(values: string[]): string {
  const long = values.filter(({ length }) => length >= FRAGMENT);
  const has = (char: string) => long.some((value) => value.includes(char));
  if (!has('*')) return '***';
  return has(' ') ? '•••' : ' *** ';
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

/** Characters that are kept of what was given: what is found in the rest depends on them. */
const CONTEXT = 2 * REACH;
/** Characters of an unfinished line that are looked at together. */
const BATCH = 1024;

class Stream implements RedactedStream {
  /** What was given last, and what is held back: in its end something may have begun. */
  private text = '';
  /** Where what is held back begins. */
  private given = 0;

  constructor(
    private readonly finder: KeyFinder,
    private readonly mask: string,
  ) {}

  push(piece: string): string {
    this.text += piece;
    const known = this.text.length - REACH;
    if (!piece.includes('\n') && known < this.given + BATCH) return '';
    const whole = this.text.lastIndexOf('\n') + 1;
    return this.pass(whole > known && !this.finder.isOpen(this.text.slice(0, whole)) ? whole : known);
  }

  end(): string {
    return this.pass(this.text.length);
  }

  /** Gives the text up to `until`, and holds the rest. */
  private pass(until: number): string {
    if (until <= this.given) return '';
    const out = masked(this.text, { start: this.given, end: until }, this.finder.find(this.text), this.mask);
    const kept = Math.max(0, until - CONTEXT);
    this.text = this.text.slice(kept);
    this.given = until - kept;
    return out;
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
