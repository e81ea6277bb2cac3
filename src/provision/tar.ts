/** One entry of a tar archive. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
export interface TarEntry {
  name: string;
  /** Bytes of its content, which follow in blocks. */
  size: number;
  kind: 'file' | 'link' | 'other';
}

/** Bytes of a header; content is filled up to a whole number of these. */
export const BLOCK = 512;

/** An entry by its header; undefined for the empty block at the end. @throws Error where it is none */
export function readTarHeader(block: Uint8Array): TarEntry | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const sum = block.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (numberAt(block, 148, 8) !== sum) throw new Error('it is no tar archive');
  const isPosix = textAt(block, 257, 5) === 'ustar';
  const prefix = isPosix ? textAt(block, 345, 155) : '';
  const name = [prefix, textAt(block, 0, 100)].filter(Boolean).join('/').replace(/^\.\//, '');
  const type = textAt(block, 156, 1);
  const kind = type === '' || type === '0' ? 'file' : type === '1' || type === '2' ? 'link' : 'other';
  return { name, size: numberAt(block, 124, 12), kind };
}

function textAt(block: Uint8Array, start: number, length: number): string {
  const bytes = block.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString();
}

/** Octal digits. What is larger than they can say (8 GB) is written in another way. */
function numberAt(block: Uint8Array, start: number, length: number): number {
  const digits = textAt(block, start, length).trim();
  if (!/^[0-7]*$/.test(digits)) throw new Error('it is no tar archive of files below 8 GB');
  return parseInt(digits || '0', 8);
}
