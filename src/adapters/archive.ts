import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { BLOCK, readTarHeader } from '../provision/tar.js';

/** Bytes that are unpacked at a time. */
const CHUNK = 1024 * 1024;

/**
 * Writes one regular file of a .tar.gz to a place of its own, for its owner to run (0700). Nothing else of the archive is written: no
 * link, no device, no path and no mode of it has any effect.
 *
 * The archive is read to its end, which shows whether it is whole: a reader that stops leaves the rest to wait for ever.
 *
 * @param mostBytes of the file, and of all that is unpacked
 * @throws Error that says what is wrong with the archive; what the system says of the disk
 */
export async function unpackFile(
  archive: string,
  { member, to, mostBytes }: { member: string; to: string; mostBytes: number },
  signal: AbortSignal,
): Promise<void> {
  await pipeline(
    createReadStream(archive),
    createGunzip({ chunkSize: CHUNK }),
    async (chunks: AsyncIterable<Buffer>) => {
      const bytes = new Bytes(chunks[Symbol.asyncIterator](), mostBytes);
      const size = await findMember(bytes, member);
      const file = await open(to, 'wx', 0o700);
      try {
        for await (const piece of bytes.pieces(size)) await file.writeFile(piece);
        await bytes.toEnd();
      } finally {
        await file.close();
      }
    },
    { signal },
  );
}

/** Reads on until the content of a file comes; gives its size. */
async function findMember(bytes: Bytes, member: string): Promise<number> {
  for (;;) {
    const entry = readTarHeader(await bytes.block());
    if (!entry) throw new Error(`there is no ${member} in it`);
    if (entry.size > bytes.most) throw new Error(`it is larger than ${bytes.most} bytes`);
    if (entry.name === member && entry.kind === 'file' && entry.size === 0) throw new Error(`${member} is empty in it`);
    if (entry.name === member && entry.kind === 'file') return entry.size;
    if (entry.name === member) throw new Error(`${member} is ${entry.kind === 'link' ? 'a link' : 'no file'} in it`);
    const filled = Math.ceil(entry.size / BLOCK) * BLOCK;
    await bytes.skip(filled);
  }
}

/** What comes out of an archive, read in the lengths that are wanted. */
class Bytes {
  private rest: Buffer = Buffer.alloc(0);
  private arrived = 0;

  constructor(
    private readonly chunks: AsyncIterator<Buffer>,
    readonly most: number,
  ) {}

  async block(): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const piece of this.pieces(BLOCK)) parts.push(piece);
    return Buffer.concat(parts);
  }

  async skip(size: number): Promise<void> {
    const pieces = this.pieces(size);
    while (!(await pieces.next()).done);
  }

  async *pieces(size: number): AsyncGenerator<Buffer> {
    for (let left = size; left > 0;) {
      if (!this.rest.length) this.rest = await this.next();
      const piece = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async toEnd(): Promise<void> {
    while (await this.arriving());
  }

  private async next(): Promise<Buffer> {
    const came = await this.arriving();
    if (!came) throw new Error('it ends too early');
    return came;
  }

  private async arriving(): Promise<Buffer | undefined> {
    const came = await this.chunks.next();
    if (came.done) return undefined;
    this.arrived += came.value.length;
    if (this.arrived > this.most + BLOCK) throw new Error(`it is larger than ${this.most} bytes`);
    return came.value;
  }
}
