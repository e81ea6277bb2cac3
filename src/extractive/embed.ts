import { createHash } from 'node:crypto';
import { items, member } from '../json.js';
import { ApiError } from './api-error.js';
import { usageOf } from './tokens.js';
import { wordsOf } from './words.js';

/** Numbers of a vector. */
export const DIMENSION = 768;

/** Where in the hash of a word stands which place of the vector it adds to: the byte after it decides up or down. */
const OFFSETS = [0, 8, 16];

/** A vector of length one. Every word adds to three places that its hash names: common words bring texts near. */
export function embed(text: string): number[] {
  const vector = new Array<number>(DIMENSION).fill(0);
  for (const word of wordsOf(text)) {
    const hash = createHash('sha256').update(word).digest();
    for (const offset of OFFSETS) {
      const place = hash.readUInt32LE(offset) % DIMENSION;
      vector[place] = (vector[place] ?? 0) + (hash.readUInt8(offset + 4) % 2 ? 1 : -1);
    }
  }
  const length = Math.hypot(...vector) || 1; // a text without words has no direction
  return vector.map((value) => value / length);
}

/**
 * The answer to `POST /embeddings`; the demo's embedded stack gives it too, for a model of its own.
 *
 * @throws ApiError where the input is neither a text nor a list of texts
 */
export function embeddings(request: unknown): Response {
  const input = member(request, 'input');
  const texts = Array.isArray(input) ? items(input) : [input];
  if (!texts.every((text) => typeof text === 'string')) throw new ApiError(400, 'input must be text');
  const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: embed(text) }));
  const model = member(request, 'model');
  return Response.json({ object: 'list', model, data, usage: usageOf(texts.join(' ')) });
}
