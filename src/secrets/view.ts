/** A text, or what it stands for, and where each of its characters stood. */
export interface View {
  /** UTF-16 codes. Numbers in typed arrays: megabytes of logs pass through here. */
  codes: Uint16Array;
  /** Of each character: where what it was written as begins and ends. */
  starts: Int32Array;
  ends: Int32Array;
  /** Whether each character was written as a number: these stand one on a line, too. */
  isOfNumbers?: boolean;
  /** The characters as a string, where there was one. */
  text?: string;
}

/** A text as it is. */
export function viewOf(text: string): View {
  const bytes = Buffer.from(text, 'utf16le');
  const codes = new Uint16Array(bytes.buffer, bytes.byteOffset, text.length);
  if (places.length <= text.length) places = Int32Array.from({ length: 2 * text.length + 1 }, (_, at) => at);
  return { codes, starts: places.subarray(0, text.length), ends: places.subarray(1, text.length + 1), text };
}

/** 0, 1, 2 and so on: every text has its characters where they are. Read only. */
let places = new Int32Array(0);

export function partOf({ codes, starts, ends }: View, from: number, to: number): View {
  return { codes: codes.subarray(from, to), starts: starts.subarray(from, to), ends: ends.subarray(from, to) };
}

export function textOf({ codes, text }: Pick<View, 'codes' | 'text'>): string {
  return text ?? Buffer.from(codes.buffer, codes.byteOffset, codes.length * 2).toString('utf16le');
}

/** Whether two views are of the same characters from the same places. */
export function isSame(one: View, other: View): boolean {
  return (
    one === other ||
    (one.codes.length === other.codes.length &&
      areSame(one.codes, other.codes) &&
      areSame(one.starts, other.starts) &&
      areSame(one.ends, other.ends))
  );
}

function areSame(one: Uint16Array | Int32Array, other: Uint16Array | Int32Array): boolean {
  return bytesOf(one).equals(bytesOf(other));
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint16Array | Int32Array) =>
  Buffer.from(buffer, byteOffset, byteLength);

/** A view in the making. */
export class Builder {
  private length = 0;
  private codes: Uint16Array;
  private starts: Int32Array;
  private ends: Int32Array;

  /** @param most characters that it is expected to have */
  constructor(most: number) {
    this.codes = new Uint16Array(most);
    this.starts = new Int32Array(most);
    this.ends = new Int32Array(most);
  }

  add(code: number, start: number, end: number): void {
    if (this.length === this.codes.length) this.grow();
    this.codes[this.length] = code;
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.length += 1;
  }

  /** The code that was added last; 0 where there is none. */
  last(): number {
    return this.codes[this.length - 1] ?? 0;
  }

  made(): View {
    const { codes, starts, ends, length } = this;
    return partOf({ codes, starts, ends }, 0, length);
  }

  private grow(): void {
    const { codes, starts, ends } = this;
    const most = 2 * this.length + 64;
    (this.codes = new Uint16Array(most)).set(codes);
    (this.starts = new Int32Array(most)).set(starts);
    (this.ends = new Int32Array(most)).set(ends);
  }
}
