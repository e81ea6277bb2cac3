import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunError } from '../../src/errors.js';
import { chooseModel, looksLikeChat } from '../../src/maas/models.js';

const provider = fc.constantFrom('acme', 'p1', 'meta-llama', 'a/b');
const family = fc.constantFrom('chat', 'chat-1', 'chat-1.5', 'llama', 'hat', 'mini', 'constructor', '1', '.');
const notForChat = fc.constantFrom('bge-m3', 'nomic-embed-text', 'llama-guard-3', 'e5-large', 'all-MiniLM-L6-v2');
const id = fc.oneof(
  family,
  fc.tuple(provider, family).map((parts) => parts.join('/')),
  notForChat,
  fc.string({ minLength: 1, maxLength: 60 }),
);
const ids = fc.array(id, { maxLength: 12 });
/** More often one that is listed, or a part of one, than chance would have it. */
const asked = ids.chain((listed) => {
  const parts = listed.flatMap((one) => [one, one.slice(1), one.slice(0, -1), one.split('/').at(-1) ?? '']);
  const wanted = fc.oneof(id, fc.constant(''), fc.constantFrom('', ...parts));
  return fc.record({ wanted, listed: fc.constant(listed) });
});

/** The model that is chosen, or the error that says why there is none. */
function choice(wanted: string, listed: string[]): string | RunError {
  try {
    return chooseModel(wanted, listed);
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
}

describe('the model that is chosen', () => {
  it('is a listed one that is called so, with or without its provider; never one that only contains the name', () => {
    fc.assert(
      fc.property(asked, ({ wanted, listed }) => {
        const result = choice(wanted, listed);
        if (typeof result !== 'string') return;
        expect(listed).toContain(result);
        if (wanted) expect(result === wanted || result.endsWith(`/${wanted}`)).toBe(true);
        else expect(looksLikeChat(result)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is the one with the very id, whatever else is listed', () => {
    fc.assert(
      fc.property(id, ids, fc.nat(), (wanted, others, place) => {
        const rivals = [...others, `acme/${wanted}`, `p1/${wanted}`, `${wanted}x`];
        const at = place % (rivals.length + 1);
        expect(choice(wanted, [...rivals.slice(0, at), wanted, ...rivals.slice(at)])).toBe(wanted);
      }),
    );
  });

  it('is the one of a provider, if there is only one, and none if there are two', () => {
    const name = fc.string({ minLength: 3, maxLength: 20 }).filter((text) => !text.includes('/'));
    fc.assert(
      fc.property(name, ids, (wanted, some) => {
        const others = some.filter((one) => one !== wanted && !one.endsWith(`/${wanted}`));
        expect(choice(wanted, [...others, `acme/${wanted}`])).toBe(`acme/${wanted}`);
        expect(choice(wanted, [`acme/${wanted}`, ...others, `p1/${wanted}`])).toBeInstanceOf(RunError);
        expect(choice(wanted, [...others, `${wanted}2`, `x${wanted}`, `${wanted}/x`])).toBeInstanceOf(RunError);
      }),
    );
  });

  it('is the only one that chats, if none is asked for', () => {
    fc.assert(
      fc.property(family, fc.array(notForChat), fc.nat(), (chat, others, place) => {
        const at = place % (others.length + 1);
        expect(choice('', [...others.slice(0, at), chat, ...others.slice(at)])).toBe(chat);
        expect(choice('', others)).toBeInstanceOf(RunError);
        expect(choice('', [...others, chat, `${chat}-2`])).toBeInstanceOf(RunError);
      }),
    );
  });

  it('is the same in any order, and with anything listed twice', () => {
    const reordered = asked.chain(({ wanted, listed }) => {
      const all = { minLength: listed.length, maxLength: listed.length };
      const order = fc.tuple(fc.shuffledSubarray(listed, all), fc.shuffledSubarray(listed));
      return fc.record({ wanted: fc.constant(wanted), listed: fc.constant(listed), order });
    });
    fc.assert(
      fc.property(reordered, ({ wanted, listed, order }) => {
        const [first, again] = [choice(wanted, listed), choice(wanted, order.flat())];
        if (typeof first === 'string') expect(again).toBe(first);
        else expect(again).toBeInstanceOf(RunError);
      }),
      { numRuns: 1000 },
    );
  });

  it('is chosen without a change to the list', () => {
    fc.assert(
      fc.property(asked, ({ wanted, listed }) => {
        const before = [...listed];
        choice(wanted, listed);
        expect(listed).toEqual(before);
      }),
    );
  });
});

describe('a choice that can not be made', () => {
  it('is a failure of the model service that names what was asked for', () => {
    fc.assert(
      fc.property(asked, ({ wanted, listed }) => {
        const result = choice(wanted, listed);
        if (typeof result === 'string') return;
        expect(result.hop).toBe('model service');
        expect(result.message).toContain(wanted ? `model "${wanted}"` : 'input model is empty');
        expect(result.fix).not.toBe('');
      }),
      { numRuns: 1000 },
    );
  });

  const number = fc.integer({ min: 900, max: 1100 });
  it.each<[string, string, (index: number) => string]>([
    ['none of which fits', 'gone', (index) => `provider-${index}/chat`],
    ['all of which chat', '', (index) => `provider-${index}/chat`],
    ['none of which chats', '', (index) => `provider-${index}/embed`],
    ['all of which fit', 'chat', (index) => `provider-${index}/chat`],
  ])('is told in a message that can be read, from some 1000 models %s', (_, wanted, name) => {
    fc.assert(
      fc.property(number, (count) => {
        const result = choice(
          wanted,
          Array.from({ length: count }, (_item, index) => name(index)),
        );
        if (typeof result === 'string') return expect.unreachable(result);
        expect(result.message).toMatch(new RegExp(`\\b(${count}|${count - 20}) `));
        expect(result.message.length).toBeLessThan(2000);
      }),
      { numRuns: 10 },
    );
  });
});

describe('what looks like a chat model', () => {
  const affix = fc.stringMatching(/^[a-z0-9.]{0,6}$/);
  const anywhere = fc.constantFrom('embed', 'rerank', 'minilm');
  const asPart = fc.constantFrom('bge', 'e5', 'gte', 'whisper', 'tts', 'guard', 'clip');
  const cased = (word: string) =>
    fc.constantFrom(word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1));

  it('has none of the words of other kinds of models in its name', () => {
    fc.assert(
      fc.property(anywhere.chain(cased), affix, affix, (word, before, after) => {
        expect(looksLikeChat(before + word + after)).toBe(false);
      }),
    );
  });

  it('has none of the short ones as a part of its name; within a word they say nothing', () => {
    const end = fc.constantFrom('-', '/');
    fc.assert(
      fc.property(asPart.chain(cased), affix, end, end, (word, other, left, right) => {
        expect(looksLikeChat(word)).toBe(false);
        expect(looksLikeChat(`${other}${left}${word}`)).toBe(false);
        expect(looksLikeChat(`${word}${right}${other}`)).toBe(false);
        expect(looksLikeChat(`${other}${left}${word}${right}${other}`)).toBe(false);
        expect(looksLikeChat(`q${word}`)).toBe(true);
        expect(looksLikeChat(`${word}q`)).toBe(true);
      }),
    );
  });

  it('does so whoever provides it, and however often one asks', () => {
    const neutral = fc.constantFrom('acme', 'meta-llama', 'maas', 'openai');
    fc.assert(
      fc.property(fc.oneof(id, fc.string()), neutral, (name, owner) => {
        const chats = looksLikeChat(name);
        expect(looksLikeChat(name)).toBe(chats);
        expect(looksLikeChat(`${owner}/${name}`)).toBe(chats);
        expect(looksLikeChat(name.toUpperCase().toLowerCase())).toBe(looksLikeChat(name.toLowerCase()));
      }),
    );
  });
});
