import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/error-codes.js';
import { chooseModel, looksLikeChat } from '../../src/maas/models.js';
import { failureOf } from '../helpers/failures.js';

describe('what the output model of an earlier run says', () => {
  it.each([
    ['maas/llama-3-2-3b', ['llama-3-2-3b', 'embed'], 'llama-3-2-3b'],
    ['openai/llama', ['llama'], 'llama'],
    ['maas/llama', ['maas/llama', 'llama'], 'maas/llama'],
    ['maas/llama', ['x/maas/llama', 'llama'], 'x/maas/llama'],
    ['maas/acme/chat', ['acme/chat'], 'acme/chat'],
  ])('%s is one of %j: %s', (wanted, listed, chosen) => {
    expect(chooseModel(wanted, listed)).toBe(chosen);
  });

  it.each(['other/llama', 'maas/lla', 'maas/', 'maas/maas/llama'])('%s is none of them', async (wanted) => {
    expect((await failureOf(() => chooseModel(wanted, ['llama']))).code).toBe('E_MODEL_NOT_SERVED');
  });
});

describe('a model that chats, by its name', () => {
  it.each([
    'acme/chat-1.5',
    'llama-3.1-8b-instruct',
    'granite-3.3-8b',
    'gpt-4o',
    'e50-chat',
    'clipper',
    'safeguards-70b',
    'ttsx',
  ])('%s passes', (id) => {
    expect(looksLikeChat(id)).toBe(true);
  });

  it.each([
    'nomic-embed-text-v1.5',
    'text-embedding-3-small',
    'Qwen3-Embedding-8B',
    'bge-m3',
    'BAAI/bge-large-en',
    'intfloat/e5-mistral-7b',
    'multilingual-e5-large',
    'gte-base',
    'bge-reranker-v2',
    'whisper-large-v3',
    'openai/whisper',
    'tts-1',
    'Llama-Guard-3-8B',
    'clip-vit',
  ])('%s does not', (id) => {
    expect(looksLikeChat(id)).toBe(false);
  });
});

describe('the model of a run', () => {
  it.each([
    ['the id as it is listed', 'acme/chat', ['acme/chat', 'b'], 'acme/chat'],
    ['what follows the slash', 'chat', ['other', 'acme/chat'], 'acme/chat'],
    ['the id itself before one that ends like it', 'chat', ['acme/chat', 'chat'], 'chat'],
    ['a name with slashes of its own', 'b/c', ['a/b/c', 'b/d'], 'a/b/c'],
    ['the only chat model where none is named', '', ['nomic-embed', 'acme/chat', 'whisper-1'], 'acme/chat'],
    ['a model that is named, even if it does not look like one for chat', 'bge-m3', ['bge-m3'], 'bge-m3'],
  ])('is %s', (_, wanted, served, model) => {
    expect(chooseModel(wanted, served)).toBe(model);
  });

  it.each<[string, string, string[], RegExp, ErrorCode?]>([
    [
      'a part of a name',
      'chat',
      ['chat-large', 'my-chat', 'acme/chat-2'],
      /"chat" is not served; .*chat-large, my-chat/,
    ],
    ['another case', 'Chat', ['acme/chat'], /"Chat" is not served/],
    ['the provider', 'acme', ['acme/chat'], /"acme" is not served/],
    ['of nothing at all', 'chat', [], /the service lists none$/],
    [
      'one of several that end alike',
      'chat',
      ['a/chat', 'b/chat'],
      /fits 2 served models: a\/chat, b\/chat/,
      'E_MODEL_AMBIGUOUS',
    ],
    [
      'left out where there are several',
      '',
      ['a/chat', 'b/chat'],
      /is empty and the service lists 2 chat models/,
      'E_MODEL_AMBIGUOUS',
    ],
    ['left out where none chats', '', ['bge-m3'], /no chat model: bge-m3/, 'E_MODEL_AMBIGUOUS'],
    ['left out where there is none', '', [], /no chat model: none/, 'E_MODEL_AMBIGUOUS'],
  ])('is refused where it is %s', async (_, wanted, served, message, code = 'E_MODEL_NOT_SERVED') => {
    const failure = await failureOf(() => chooseModel(wanted, served));
    expect([failure.code, failure.hop]).toEqual([code, 'model service']);
    expect(failure.message).toMatch(message);
    expect(failure.fix).toContain('input model');
  });

  it('names at most 20 of many', async () => {
    const served = Array.from({ length: 23 }, (_, index) => `model-${index}`);
    const { message } = await failureOf(() => chooseModel('x', served));
    expect(message).toMatch(/model-19 and 3 more$/);
    expect(message).not.toContain('model-20');
    expect((await failureOf(() => chooseModel('x', served.slice(0, 20)))).message).not.toContain('more');
  });

  it('is always one that is served, and never by a substring', () => {
    const id = fc.stringMatching(/^[ab]{1,2}(\/[ab]{1,2})?$/);
    fc.assert(
      fc.property(id, fc.uniqueArray(id), (wanted, served) => {
        let chosen: string | undefined;
        try {
          chosen = chooseModel(wanted, served);
        } catch {
          const ends = served.filter((name) => name.endsWith(`/${wanted}`));
          expect(served.includes(wanted) || ends.length === 1).toBe(false);
          return;
        }
        expect(served).toContain(chosen);
        expect([wanted, `/${wanted}`]).toContain(chosen === wanted ? chosen : chosen.slice(-wanted.length - 1));
      }),
    );
  });
});
