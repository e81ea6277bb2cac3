/** A text, or what it stands for, and where each of its characters stood. */
export interface View {
  /** UTF-16 codes. Numbers in typed arrays: megabytes of logs pass through here. */
  codes: Uint16Array;
  /** Of each character: where what it was written as begins and ends. */
  starts: Int32Array;
  ends: Int32Array;
  /** Whether each character was written as a number: these stand one on a line, too. */
  isOfNumbers?: boolean;
}

/** A text as it is. */
export function viewOf(text: string): View {
  const bytes = Buffer.from(text, 'utf16le');
  const positions = new Int32Array(text.length + 1);
  for (let at = 0; at < positions.length; at += 1) positions[at] = at;
  const codes = new Uint16Array(bytes.buffer, bytes.byteOffset, text.length);
  return { codes, starts: positions, ends: positions.subarray(1) };
}

export function partOf({ codes, starts, ends }: View, from: number, to: number): View {
  return { codes: codes.subarray(from, to), starts: starts.subarray(from, to), ends: ends.subarray(from, to) };
}

export function textOf({ codes }: View): string {
  return Buffer.from(codes.buffer, codes.byteOffset, codes.length * 2).toString('utf16le');
}

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
