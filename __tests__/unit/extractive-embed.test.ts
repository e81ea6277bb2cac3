import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/extractive/api-error.js';
import { DIMENSION, embed, embeddings } from '../../src/extractive/embed.js';

const cosine = (one: string, other: string) => {
  const second = embed(other);
  return embed(one).reduce((sum, value, index) => sum + value * (second[index] ?? NaN), 0);
};
const placesOf = (text: string) =>
  embed(text).flatMap((value, place) => (value === 0 ? [] : [[place, Math.sign(value)]]));

describe('a vector', () => {
  it('has 768 numbers and length one', () => {
    const vector = embed('The Blick gate opens at 7.');
    expect([vector.length, DIMENSION]).toEqual([768, 768]);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 10);
  });

  it('of one word has the three places that its SHA-256 names, so that a stored one stays comparable', () => {
    expect(placesOf('gate')).toEqual([
      [140, 1],
      [296, 1],
      [713, -1],
    ]);
  });

  it.each(['', '?!', 'what is the of'])('of "%s", without a word that counts, is all zeros', (text) => {
    expect(embed(text)).toEqual(new Array(768).fill(0));
  });

  it('does not depend on case, order, marks and small words', () => {
    expect(cosine('Blick gate', 'the GATE, of: blick!')).toBeCloseTo(1, 10);
  });

  it('is nearer to a text with more of its words', () => {
    const question = 'When does the Blick gate open';
    const near = cosine(question, 'The Blick gate has an open roof');
    const far = cosine(question, 'The keeper sleeps by a gate');
    expect(near).toBeGreaterThan(far);
    expect(far).toBeGreaterThan(cosine(question, 'green plums'));
  });

  it('tells letters of other scripts apart', () => {
    expect(cosine('Grün', 'Grun')).toBeLessThan(0.9);
    expect(placesOf('ключ')).toHaveLength(3);
  });
});

describe('the answer to an embeddings request', () => {
  const vectorOf = (text: string, index: number) => ({ object: 'embedding', index, embedding: embed(text) });

  it('has a vector for each text, in their order, and counts the words', async () => {
    const answer = embeddings({ model: 'embedder', input: ['a gate', 'plums'] });
    expect(await answer.json()).toEqual({
      object: 'list',
      model: 'embedder',
      data: [vectorOf('a gate', 0), vectorOf('plums', 1)],
      usage: { prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 },
    });
  });

  it('takes one text as a list of one', async () => {
    expect(await embeddings({ input: 'a gate' }).json()).toMatchObject({ data: [vectorOf('a gate', 0)] });
  });

  it.each([undefined, null, 7, [7, 8], [['a']], ['a', null]])('is a refusal where the input is %j', (input) => {
    const ask = () => embeddings({ model: 'embedder', input });
    expect(ask).toThrow(ApiError);
    expect(ask).toThrow(expect.objectContaining({ status: 400, message: 'input must be text' }));
  });
});
