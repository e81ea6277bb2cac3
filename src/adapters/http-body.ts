import { pipeline, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { at, text } from '../json.js';
import { HttpFailure, sizeOf } from './http-failure.js';

type Bytes = AsyncIterable<Uint8Array>;

/** What is asked for: what every Node of ours unpacks. */
export const ACCEPTED_CODINGS = 'gzip, deflate, br';

/** How often an answer may be packed. Each layer can be a bomb of its own (https://curl.se/docs/CVE-2022-32206.html). */
const MOST_LAYERS = 3;

/**
 * A body unpacked, up to a number of bytes. What is packed may be twice as long: a packing that saves nothing adds a little,
 * and one that unpacks to nothing must not be read for ever.
 *
 * @throws HttpFailure `too large` where there is more, `unreadable` where it is not packed as it says
 */
export function readable(packed: Bytes, contentEncoding: string, mostBytes: number): Bytes {
  const codings = contentEncoding
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding && coding !== 'identity');
  if (codings.length > MOST_LAYERS) return failing(new HttpFailure('unreadable', 'the answer is packed too often'));
  const open = (bytes: Bytes, coding: string) => unpacked(upTo(bytes, 2 * mostBytes, mostBytes), coding);
  return upTo(codings.reduceRight(open, packed), mostBytes);
}

/** The first bytes of a body, at most so many: whoever sends more is not read. `trouble` is what ended it before. */
export async function firstOf(bytes: Bytes, most: number): Promise<{ bytes: Buffer; trouble?: unknown }> {
  const parts: Uint8Array[] = [];
  const read = () => Buffer.concat(parts).subarray(0, most);
  let length = 0;
  try {
    for await (const part of bytes) {
      parts.push(part);
      if ((length += part.length) >= most) break;
    }
  } catch (trouble) {
    return { bytes: read(), trouble };
  }
  return { bytes: read() };
}

async function* upTo(bytes: Bytes, most: number, told = most): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const part of bytes) {
    if ((length += part.length) > most) throw new HttpFailure('too large', `the answer is larger than ${sizeOf(told)}`);
    yield part;
  }
}

async function* unpacked(packed: Bytes, coding: string): AsyncGenerator<Uint8Array> {
  const iterator = packed[Symbol.asyncIterator]();
  let first = await iterator.next();
  while (!first.done && first.value.length === 0) first = await iterator.next();
  if (first.done) return; // nothing is nothing, however it is packed
  const beginning = first.value;
  let ofSource: unknown;
  const whole = (async function* () {
    try {
      yield beginning;
      yield* { [Symbol.asyncIterator]: () => iterator };
    } catch (error) {
      throw (ofSource = error);
    }
  })();
  const unpack = unpackerOf(coding, beginning);
  if (!unpack) return yield* whole;
  // its errors come out of `unpack`
  pipeline(whole, unpack, () => undefined);
  try {
    for await (const part of unpack) yield part as Uint8Array;
  } catch (error) {
    if (error === ofSource) throw error;
    const code = text(at(error, 'code'));
    throw new HttpFailure('unreadable', `the answer is not ${coding}, as it says it is (${code})`, error);
  }
}

/** Undefined for what nobody knows: servers send `utf-8` and the like there, and mean nothing by it. */
function unpackerOf(coding: string, [firstByte = 0]: Uint8Array): Transform | undefined {
  const now = { flush: zlib.constants.Z_SYNC_FLUSH };
  if (coding === 'gzip' || coding === 'x-gzip') return zlib.createGunzip(now);
  // deflate means zlib's form, and some servers send it bare: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
  if (coding === 'deflate') return (firstByte & 0x0f) === 8 ? zlib.createInflate(now) : zlib.createInflateRaw(now);
  if (coding === 'br') return zlib.createBrotliDecompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH });
  if (coding === 'zstd' && 'createZstdDecompress' in zlib)
    return (zlib as typeof zlib & { createZstdDecompress: () => Transform }).createZstdDecompress();
  return undefined;
}

// eslint-disable-next-line require-yield -- a body that fails at its first byte
async function* failing(error: Error): AsyncGenerator<Uint8Array> {
  await Promise.reject(error);
}
