import type { Span } from './fragments.js';
import { DIGIT, digitAt, dumpLineAt, kindAt, LETTER, LONGEST_NUMBER, OTHER, prefixAt } from './numbers.js';
import { Builder, type View } from './view.js';

const [LINE_FEED, BLANK, BAR, GREATER] = [10, 0x20, 0x7c, 0x3e];
/** Nothing that is a byte of a secret: two runs of bytes are not one. */
const BREAK = 0;

/**
 * What numbers in a text stand for as bytes: 73 6b, 0x73, 0x6b, [115, 107], 163 153, 6b73 (two bytes as one number), with the
 * offsets of a hexdump left out; and its column of text. Numbers that are no visible ASCII part what is before from what follows.
 *
 * @param parts of the view that are read, each for itself: see numbersIn()
 */
export function dumpsOf(view: View, parts: Span[]): View[] {
  if (parts.length === 0) return [];
  const dump = new Dump(view);
  for (const part of parts) dump.read(part);
  return dump.made();
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
  /** Whether nothing follows what is before. */
  private isParted = false;

  constructor(private readonly view: View) {}

  read({ start, end }: Span): void {
    const { codes } = this.view;
    this.part();
    part(this.column);
    this.lineEnd = -1;
    for (let at = start === 0 || codes[start - 1] === LINE_FEED ? this.beginLine(start) : start; at < end;) {
      const kind = kindAt(codes, at);
      if (this.lineEnd >= 0 && this.isColumn(at)) at = this.readColumn(at);
      else if (kind >= DIGIT) at = this.readWord(at);
      else if (codes[at] === LINE_FEED) at = this.beginLine(at + 1);
      else {
        if (kind === OTHER) this.part();
        at += 1;
      }
    }
  }

  made(): View[] {
    return [this.hex, this.swapped, this.decimal, this.octal, this.column].map((stream) => ({
      ...stream.made(),
      isOfNumbers: true,
    }));
  }

  /** Passes over the offset that a line of a hexdump begins with. */
  private beginLine(from: number): number {
    const line = dumpLineAt(this.view.codes, from);
    this.bytes = 0;
    this.lineEnd = line?.end ?? -1;
    if (line) return line.start;
    part(this.column);
    return from;
  }

  /** Gives where it ends. Most words of a text are no number in any way. */
  private readWord(from: number): number {
    const { codes } = this.view;
    let isNumber = true;
    let end = from;
    for (let kind = kindAt(codes, end); kind >= DIGIT; kind = kindAt(codes, end)) {
      if (kind === LETTER) isNumber = false;
      end += 1;
    }
    if (isNumber || this.lineEnd >= 0) this.take(from, end);
    else this.part();
    return end;
  }

  private part(): void {
    if (this.isParted) return;
    for (const stream of [this.hex, this.swapped, this.decimal, this.octal]) part(stream);
    this.isParted = true;
  }

  private take(from: number, end: number): void {
    if (end - from > LONGEST_NUMBER) return this.part();
    this.isParted = false;
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
