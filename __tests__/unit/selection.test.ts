import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSelection } from '../../src/assert/selection.js';
import { STACK_CHECKS, UI_CHECKS } from '../../src/assert/suite.js';
import { failureOf } from '../helpers/failures.js';

const SUITE = [
  { name: 'models', asksModel: false },
  { name: 'chat', asksModel: true },
  { name: 'chat-json', asksModel: true },
  { name: 'retrieval', asksModel: false },
];
const ALL = ['models', 'chat', 'chat-json', 'retrieval'];

describe('a selection of checks', () => {
  it.each([
    ['', ALL],
    ['  \n ', ALL],
    ['all', ALL],
    ['basic', ['models', 'retrieval']],
    ['chat', ['chat']],
    ['retrieval models', ['models', 'retrieval']],
    ['chat,retrieval', ['chat', 'retrieval']],
    [' chat ,\r\n\tretrieval,, ', ['chat', 'retrieval']],
    ['chat chat', ['chat']],
    ['all chat', ALL],
    ['basic chat', ['models', 'chat', 'retrieval']],
    ['-chat', ['models', 'chat-json', 'retrieval']],
    ['-chat -chat-json', ['models', 'retrieval']],
    ['-basic', ['chat', 'chat-json']],
    ['all -basic', ['chat', 'chat-json']],
    ['basic -models', ['retrieval']],
    ['-models basic', ['retrieval']],
    ['chat -chat retrieval', ['retrieval']],
  ])('%j', (text, names) => {
    expect(parseSelection(text, SUITE)).toEqual(names);
  });

  it('has the order of the suite and nothing twice, whatever is written', () => {
    const word = fc.constantFrom('all', 'basic', ...ALL, '-models', '-chat');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.constantFrom(' ', ',', '\n', ', '), (words, between) => {
        const selected = parseSelection([...words, 'chat-json'].join(between), SUITE);
        expect(selected).toEqual(ALL.filter((name) => selected.includes(name)));
      }),
    );
  });

  it.each([
    ['caht', 'chat'],
    ['Chat', 'chat'],
    ['chat_json', 'chat-json'],
    ['retreival', 'retrieval'],
    ['retrieval-ck', 'retrieval'],
    ['bsic', 'basic'],
    ['al', 'all'],
    ['-modles', 'models'],
  ])('does not know %s, and asks whether %s was meant', async (word, meant) => {
    const failure = await failureOf(() => parseSelection(`models ${word}`, SUITE));
    const written = word.replace(/^-/, '');
    expect([failure.code, failure.hop]).toEqual(['E_INPUT', 'inputs']);
    expect(failure.message).toBe(`input checks names "${written}", which is no check; did you mean "${meant}"?`);
    expect(failure.fix).toBe('Use all, basic, or names of: models, chat, chat-json, retrieval.');
  });

  it.each([
    ['everything', 'everything'],
    ['xyz', 'xyz'],
    ['embeddings', 'embeddings'],
    ['-', ''],
  ])('does not know %s, and guesses nothing', async (word, named) => {
    const failure = await failureOf(() => parseSelection(word, SUITE));
    expect(failure.message).toBe(`input checks names "${named}", which is no check`);
  });

  it.each(['-all', 'chat -chat', 'basic -basic', '-basic -chat -chat-json'])(
    'that leaves nothing is refused: %s',
    async (text) => {
      const failure = await failureOf(() => parseSelection(text, SUITE));
      expect([failure.code, failure.hop]).toEqual(['E_INPUT', 'inputs']);
      expect(failure.message).toBe(`input checks "${text}" leaves no check`);
      expect(failure.fix).toContain('name a check');
    },
  );
});

it('the basic checks of the action ask no model', () => {
  const suite = [...STACK_CHECKS, ...UI_CHECKS];
  expect(parseSelection('basic', suite)).toEqual([
    'stack-models',
    'embeddings',
    'files',
    'retrieval',
    'metadata-filter',
    'empty-store',
    'deleted-file',
    'ui-health',
    'ui-session',
  ]);
});
