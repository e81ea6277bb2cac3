import { describe, expect, it } from 'vitest';
import { checkKey, maskSecrets } from '../../src/secrets/key.js';
import { isNumber } from '../../src/secrets/number.js';
import { apiKeySecret } from '../../src/secrets/secret.js';
import { failureOf } from '../helpers/failures.js';

function maskedBy(key: string): string[] {
  const masked: string[] = [];
  maskSecrets([apiKeySecret(key)], { mask: (secret) => void masked.push(secret) });
  return masked;
}

describe('masking in the log', () => {
  it.each(['12345678', `a: #{b}"'$&\\`, 'sk-0123456789'])('key %s is masked', (key) => {
    expect(maskedBy(key)).toEqual([key]);
  });

  it.each(['', 'a', '1234567'])('"%s" is too short: half the log would be masked', (key) => {
    expect(maskedBy(key)).toEqual([]);
  });
});

describe('a key that can be sent', () => {
  it.each(['12345678', `a: #{b}"'$&\\`, 'sk-a_b.c/d+e=', `!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`])(
    '%s is accepted',
    (key) => {
      expect(() => checkKey(key)).not.toThrow();
    },
  );
});

describe('a key that can not be sent is refused without being repeated', () => {
  it.each([
    ['empty', '', /is empty/, /secret exists/],
    ['short', 's3cr3t!', /fewer than 8/, /real one/],
    ['tab inside', 's3cr3t\ts3cr3t', /a tab or several spaces/, /one line/],
    ['line break inside', 's3cr3t\ns3cr3t', /a line break/, /one line/],
    ['no-break space inside', 's3cr3t\u00a0s3cr3t', /several spaces/, /one line/],
    ['two spaces inside', 's3cr3t  s3cr3t', /several spaces/, /one line/],
    ['the word of the header', 'Bearer s3cr3ts3cr3t', /begins with Bearer/, /the key alone/],
    ['smart quotes', '“s3cr3ts3cr3t”', /no HTTP header/, /plain text/],
    ['control character', 's3cr3ts3cr3t\u0007', /no HTTP header/, /plain text/],
    ['delete character', 's3cr3ts3cr3t\u007f', /no HTTP header/, /plain text/],
    ['umlaut', 's3cr3tschlüssel', /no HTTP header/, /plain text/],
  ])('%s', async (_, key, message, fix) => {
    const failure = await failureOf(() => checkKey(key));
    expect([failure.code, failure.hop]).toEqual([key ? 'E_KEY_FORM' : 'E_KEY_MISSING', 'inputs']);
    expect(failure.message).toMatch(/^input api-key /);
    expect(failure.message).toMatch(message);
    expect(failure.fix).toMatch(fix);
    expect(failure.message + failure.fix).not.toContain('s3cr3t');
  });
});

describe('a key that the stack turns into a number', () => {
  // what int() and float() of Python take, of eight characters and more
  it.each([
    '12345678',
    '+12345678',
    '1234_5678',
    '1234567.8',
    '+Infinity',
    'infinity',
    '12345678.',
    '.12345678',
    '1234e567',
    '1.5e-1000',
  ])('%s is one', (key) => {
    expect(isNumber(key)).toBe(true);
  });
  it.each([
    'sk-12345678',
    '12345678a',
    '0x12345678',
    '1234-5678',
    '1.2.3.45678',
    '1234567e',
    '_12345678',
    '1__2345678',
    '1234567_',
    '1._2345678',
    'infinite',
  ])('%s is none', (key) => {
    expect(isNumber(key)).toBe(false);
  });
});
