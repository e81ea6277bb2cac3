import { describe, expect, it } from 'vitest';
import { declines, says, saysInJson } from '../../src/assert/matchers.js';

describe('an answer says a number or word', () => {
  it.each([
    ['The access code is 47651.', '47651'],
    ['It is **47,651**', '47651'],
    ['47 651', '47651'],
    ['code: 47.651!', '47651'],
    ['"Mipcorgor"', 'mipcorgor'],
    ['MIPCORGOR', 'mipcorgor'],
  ])('%s says %s', (answer, wanted) => expect(says(answer, wanted)).toBe(true));

  it.each([
    ['The code is 147651.', '47651'],
    ['476512', '47651'],
    ['4765', '47651'],
    ['mipcorgors', 'mipcorgor'],
    ['', '47651'],
    ["I don't know.", '47651'],
  ])('%s does not say %s', (answer, wanted) => expect(says(answer, wanted)).toBe(false));
});

describe('an answer declines', () => {
  it.each([
    'I do not know.',
    "I don't know.",
    'I don’t have that.',
    'The document does not say.',
    'The code is not mentioned; that of the annex is 12345.',
    "That isn't in the documents.",
    'I cannot answer that.',
    "I can't tell.",
    'I am unable to find it.',
    'The code is unknown.',
    'There is no information about that, only 12345 for another.',
    'No mention of it was found.',
    'NO DATA.',
    "I couldn't find it.",
    'I could not find it.',
    'I can not answer.',
    'Not mentioned in the document.',
    'It has not been given.',
    'No such code is given; 12345 is of another.',
    'The document only mentions 12345 for another.',
  ])('%s', (answer) => expect(declines(answer)).toBe(true));

  it.each(['The answer is 12345.', 'No. 12345', 'It is 12345.', '12345', 'I know: 12345.', 'The note says 12345.', ''])(
    'which %j does not',
    (answer) => expect(declines(answer)).toBe(false),
  );
});

describe('a JSON object says a word', () => {
  it.each(['{"a":"wex"}', ' {\n "a": [{"b":["so: Wex."]}] } ', JSON.stringify({ a: 'Sure:\nwex\t' })])(
    'in %j',
    (text) => expect(saysInJson(text, 'wex')).toBe(true),
  );

  it.each([
    '',
    '[]',
    '["wex"]',
    '"wex"',
    'wex',
    'null',
    '{}',
    '{"wex":1}',
    '{"a":"wexs"}',
    '{"a":"wex"',
    '{"a":"wex"} {}',
  ])('not in %j', (text) => expect(saysInJson(text, 'wex')).toBe(false));
});
