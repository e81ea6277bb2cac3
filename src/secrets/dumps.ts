import { Builder, type View } from './view.js';

/** Characters of the longest line that may be one of a hexdump, with an offset and a column of text. */
export const LONGEST_DUMP_LINE = 300;

const [LINE_FEED, RETURN, BLANK, BAR, COLON, GREATER] = [10, 13, 0x20, 0x7c, 0x3a, 0x3e];
const [OTHER, WORD, BETWEEN] = [0, 1, 2];
/** What may stand between two numbers of a dump. */
const SEPARATORS = ' \t\r\n,:;-[](){}<>|"\'\\./+_%&#$=';
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (/[0-9a-z]/i.test(char)) return WORD;
  return SEPARATORS.includes(char) ? BETWEEN : OTHER;
});
/** Nothing that is a byte of a secret: two runs of bytes are not one. */
const BREAK = 0;

/**
 * What numbers in a text stand for as bytes: 73 6b, 0x73, 0x6b, [115, 107], 163 153, 6b73 (two bytes as one number), with the
 * offsets of a hexdump left out; and its column of text. Numbers that are no visible ASCII part what is before from what follows.
 */
export function dumpsOf(view: View): View[] {
  return new Dump(view).read();
}

class Dump {
  private readonly hex = new Builder(64);
  private readonly swapped = new Builder(64);
  private readonly decimal = new Builder(64);
  private readonly octal = new Builder(64);
  private readonly column = new Builder(64);
  /** Of the line that is read: its end, where it is a hexdump's, and how many bytes were read of it. */
  private lineEnd = -1;
  private bytes = 0;

  constructor(private readonly view: View) {}

  read(): View[] {
    const { codes } = this.view;
    for (let at = this.beginLine(0); at < codes.length;) {
      const kind = kindAt(codes, at);
      if (this.lineEnd >= 0 && this.isColumn(at)) at = this.readColumn(at);
      else if (kind === WORD) {
        const end = this.wordEnd(at);
        this.take(at, end);
        at = end;
      } else if (codes[at] === LINE_FEED) at = this.beginLine(at + 1);
      else {
        if (kind === OTHER) this.part();
        at += 1;
      }
    }
    return [this.hex, this.swapped, this.decimal, this.octal, this.column].map((stream) => ({
      ...stream.made(),
      isOfNumbers: true,
    }));
  }

  /** Passes over the offset that a line of a hexdump begins with. */
  private beginLine(from: number): number {
    const { codes } = this.view;
    let first = from;
    while (codes[first] === BLANK) first += 1;
    let end = first;
    while (end < first + 17 && digitAt(codes, end) < 16) end += 1;
    const isOffset = end - first >= 6 || (end - first >= 4 && codes[end] === COLON);
    const after = codes[end] === COLON ? end + 1 : end;
    this.lineEnd = isOffset && end - first <= 16 && codes[after] === BLANK ? lineEndOf(codes, from) : -1;
    this.bytes = 0;
    if (this.lineEnd >= 0) return after;
    part(this.column);
    return from;
  }

  private wordEnd(at: number): number {
    let end = at + 1;
    while (kindAt(this.view.codes, end) === WORD) end += 1;
    return end;
  }

  private part(): void {
    for (const stream of [this.hex, this.swapped, this.decimal, this.octal]) part(stream);
  }

  private take(from: number, end: number): void {
    if (end - from > 8) return this.part();
    const first = from + prefixAt(this.view.codes, from, end);
    const length = end - first;
    this.takeHex(first, end);
    if (length <= 3) this.takeNumber(this.decimal, [first, end], 10, 1);
    else part(this.decimal);
    if (length === 3 || length === 4) this.takeNumber(this.octal, [first, end], 8, 1);
    else if (length === 6) this.takeNumber(this.octal, [first, end], 8, 2);
    else part(this.octal);
    this.bytes += length === 3 ? 1 : length >> 1;
  }

  private takeHex(first: number, end: number): void {
    const count = (end - first) / 2;
    if (count !== 1 && count !== 2 && count !== 4) {
      part(this.hex);
      part(this.swapped);
      return;
    }
    for (let at = first; at < end; at += 2) this.put(this.hex, numberAt(this.view.codes, at, at + 2, 16), at, at + 2);
    if (count === 1) part(this.swapped);
    else this.takeNumber(this.swapped, [first, end], 16, count);
  }

  /** A number of so many bytes, the lowest one first. */
  private takeNumber(stream: Builder, [first, end]: [number, number], base: number, bytes: number): void {
    let value = numberAt(this.view.codes, first, end, base);
    if (!(value < 256 ** bytes)) return part(stream);
    for (let byte = 0; byte < bytes; byte += 1) {
      this.put(stream, value % 256, first, end);
      value = Math.floor(value / 256);
    }
  }

  /** Of UTF-16 every second byte is 0. */
  private put(stream: Builder, byte: number, first: number, end: number): void {
    if (byte === 0) return;
    if (byte < 0x20 || byte > 0x7e || Number.isNaN(byte)) part(stream);
    else stream.add(byte, this.view.starts[first] ?? 0, this.view.ends[end - 1] ?? 0);
  }

  /** Whether the column of text begins there: as many characters as bytes were read, behind two blanks or between bars. */
  private isColumn(at: number): boolean {
    const { codes } = this.view;
    const left = this.lineEnd - at;
    if (this.bytes === 0) return false;
    if (codes[at] === BAR) return left === this.bytes + 2;
    if (codes[at] === GREATER) return left === this.bytes + 2 || left === this.bytes + 1;
    return codes[at - 1] === BLANK && codes[at - 2] === BLANK && left === this.bytes;
  }

  private readColumn(at: number): number {
    const { codes, starts, ends } = this.view;
    const first = this.lineEnd - at > this.bytes ? at + 1 : at;
    for (let next = first; next < first + this.bytes; next += 1)
      this.column.add(codes[next] ?? 0, starts[next] ?? 0, ends[next] ?? 0);
    return this.lineEnd;
  }
}

function part(stream: Builder): void {
  if (stream.last() !== BREAK) stream.add(BREAK, 0, 0);
}

/** Characters of 0x, or of x. */
function prefixAt(codes: Uint16Array, from: number, end: number): number {
  const isX = (at: number) => ((codes[at] ?? 0) | 0x20) === 0x78;
  if (codes[from] === 0x30 && isX(from + 1) && end - from > 2) return 2;
  return isX(from) ? 1 : 0;
}

/** NaN where it is no number of this base. */
function numberAt(codes: Uint16Array, first: number, end: number, base: number): number {
  let value = 0;
  for (let at = first; at < end; at += 1) {
    const digit = digitAt(codes, at);
    if (digit >= base) return NaN;
    value = value * base + digit;
  }
  return value;
}

/** 99 for what is no digit of hex. */
function digitAt(codes: Uint16Array, at: number): number {
  const code = codes[at] ?? 0;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : 99;
}

function kindAt(codes: Uint16Array, at: number): number {
  const code = codes[at] ?? 0;
  return code < 128 ? (KINDS[code] ?? OTHER) : OTHER;
}

/** The end of a line without what ends it; -1 where it has more characters than a line of a hexdump, or has no end yet. */
function lineEndOf(codes: Uint16Array, from: number): number {
  for (let at = from; at < from + LONGEST_DUMP_LINE; at += 1) {
    if (at === codes.length) return at;
    if (codes[at] === LINE_FEED) return codes[at - 1] === RETURN ? at - 1 : at;
  }
  return -1;
}
