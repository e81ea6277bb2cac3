import { describe, expect, it } from 'vitest';
import { says } from '../../src/assert/matchers.js';

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
