import { describe, expect, it } from 'vitest';
import { amount, isAmount, parsePrices, priceOf, type Price } from '../../src/spend/price.js';
import { failureOf } from '../helpers/failures.js';

const price = (model: string, prompt: number, completion = prompt): Price => ({ model, prompt, completion });

describe('prices', () => {
  it.each([
    ['of every model', '0.15/0.60', [price('', 0.15, 0.6)]],
    ['in whole numbers', '3/15', [price('', 3, 15)]],
    ['of nothing', '0/0', [price('', 0)]],
    ['with blanks', '  0.15 /  0.60 ', [price('', 0.15, 0.6)]],
    ['of one model', 'llama-3-2-3b=0.15/0.60', [price('llama-3-2-3b', 0.15, 0.6)]],
    ['of one model, with blanks', 'acme/chat-1.5:free = 1 / 2', [price('acme/chat-1.5:free', 1, 2)]],
    ['of a model with the sign in its name', 'a=b=1/2', [price('a=b', 1, 2)]],
    ['in lines', '\n a=1/2 \r\n\nb=3/4\n5/6\n', [price('a', 1, 2), price('b', 3, 4), price('', 5, 6)]],
    ['up to nine digits before and after the point', '999999999/0.000000001', [price('', 999_999_999, 1e-9)]],
    ['that are none: nothing is written', '', []],
    ['that are none: all lines are empty', ' \n\r\n', []],
  ])('%s', (_, text, prices) => {
    expect(parsePrices(text)).toEqual(prices);
  });

  it.each([
    '0.15',
    '0.15/',
    '/0.60',
    '0.15/0.60/0.90',
    '0.15 0.60',
    '-1/2',
    '1/-2',
    '.15/0.60',
    '0.15/0.',
    '1.2.3/4',
    '0,15/0,60',
    '$0.15/$0.60',
    '1e3/2',
    '0x1/2',
    '1234567890/1',
    '0.1234567891/1',
    '=1/2',
    'a model=1/2',
    'a: 1/2',
    'a=1/2, b=3/4',
    'NaN/1',
  ])('are not %s', async (line) => {
    const failure = await failureOf(() => parsePrices(`a=1/2\n${line}`));
    expect([failure.code, failure.hop]).toEqual(['E_INPUT', 'inputs']);
    expect(failure.message).toBe(`input price has the line "${line}"`);
    expect(failure.fix).toContain('such as llama-3-2-3b=0.15/0.60');
  });
});

it.each([
  ['0', true],
  ['0.50', true],
  ['12', true],
  ['', false],
  ['-1', false],
  ['+1', false],
  ['1.', false],
  ['.5', false],
  ['1,5', false],
  ['1e3', false],
  ['Infinity', false],
  ['1 ', false],
  ['1\n', false],
])('%j is an amount: %s', (text, is) => {
  expect(isAmount(text)).toBe(is);
});

describe('the price of a model', () => {
  const [ANY, CHAT, FULL] = [price('', 1), price('chat', 2), price('acme/chat', 3)];

  it.each([
    ['its own, wherever it stands', 'acme/chat', [ANY, CHAT, FULL], FULL],
    ["that of what follows a provider's slash", 'maas/acme/chat', [ANY, FULL], FULL],
    ["that of what follows any provider's slash", 'maas/acme/chat', [ANY, CHAT], CHAT],
    ['the first that it ends with', 'maas/acme/chat', [CHAT, FULL], CHAT],
    ['the first of two of the same name', 'chat', [CHAT, price('chat', 9)], CHAT],
    ['that of any where there is none of its own', 'other', [CHAT, ANY, FULL], ANY],
    ['that of any for a name that only ends in the same letters', 'acme/my-chat', [CHAT, ANY], ANY],
    ['that of any for a name that goes on', 'chat-2', [CHAT, ANY], ANY],
    ['none for a name that is a part of a priced one', 'chat', [FULL], undefined],
    ['none where there is none for any', 'other', [CHAT, FULL], undefined],
    ['none without prices', 'chat', [], undefined],
    ['that of any for no name', '', [CHAT, ANY], ANY],
    ['none for no name that a price ends with', 'acme/', [CHAT], undefined],
  ])('is %s', (_, model, prices, found) => {
    expect(priceOf(model, prices)).toBe(found);
  });
});

describe('an amount', () => {
  it.each([
    [0, '0.00'],
    [0.1, '0.10'],
    [0.5, '0.50'],
    [0.126, '0.13'],
    [1, '1.00'],
    [12.346, '12.35'],
    [1234.5, '1234.50'],
    [0.05, '0.05'],
    [0.0123, '0.012'],
    [0.0001, '0.0001'],
    [0.0996, '0.10'],
    [0.00999, '0.01'],
    [0.000236, '0.00024'],
    [0.00000049, '0.00000049'],
    [1e-9, '0.000000001'],
    [1e-13, '0.00'],
  ])('%d is shown as %s', (value, shown) => {
    expect(amount(value)).toBe(shown);
  });

  it('is shown without an exponent however small it is', () => {
    for (let value = 1; value > 1e-30; value /= 7) expect(amount(value)).toMatch(/^\d+\.\d+$/);
  });
});

it.each(['1/2\n3/4', 'a=1/2\nb=1/2\na=3/4'])('of which there are two is refused: %j', async (text) => {
  expect((await failureOf(() => parsePrices(text))).message).toMatch(
    /^input price has two prices for (every model|a)$/,
  );
});
