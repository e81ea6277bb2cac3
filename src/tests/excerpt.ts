import { decoded } from './tags.js';

/** Characters that are read of a failure's text, half of them at its end: there pytest has the line that failed. */
export const LONGEST_TEXT = 8000;
const HALF = LONGEST_TEXT / 2;

/** The beginning and the end of a text that comes in pieces. */
export class Excerpt {
  private head = '';
  private tail = '';
  private isCut = false;

  add(text: string, isLiteral: boolean): void {
    const read = (part: string) => (isLiteral ? part : decoded(part));
    const room = HALF - this.head.length;
    this.head += read(text.slice(0, room));
    const rest = text.slice(room);
    this.isCut ||= this.tail.length + rest.length > HALF;
    this.tail += read(rest.slice(-HALF));
    if (this.tail.length > 2 * HALF) this.tail = this.tail.slice(-HALF); // now and then, not with each piece
  }

  /** Without the lines that are cut in two: half a path is that of another file. */
  read(): string {
    if (!this.isCut) return this.head + this.tail;
    const tail = this.tail.slice(-HALF);
    const first = tail.indexOf('\n');
    const last = this.head.lastIndexOf('\n');
    return `${last < 0 ? this.head : this.head.slice(0, last)}\n${first < 0 ? '' : tail.slice(first + 1)}`;
  }
}
