import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/secrets/redact.js';
import { apiKeySecret } from '../../src/secrets/secret.js';
import { hasUnseen, unseenAt, withoutUnseen } from '../../src/secrets/unseen.js';

const BETWEEN = [
  '\u001b[0m',
  '\u001b[1;31m',
  '\u001b(B',
  '\u001bM',
  '\u001b]0;title\u0007',
  '\0',
  '\u200b',
  '\u200e',
  '\ufeff',
];
const KEYS = ['Zq7Rk2Wp9Lx4Vm8T', 'Ab-c_d-e_f-g_h-i_j', 'a"b\'c&d<e>f%g\\h!i'];

describe('a key with what is not seen between its parts', () => {
  it.each(KEYS.flatMap((key) => BETWEEN.map((between) => [key, between] as const)))(
    'is masked: %s, %j',
    (key, between) => {
      const { redact } = createRedactor([apiKeySecret(key)]);
      const parts = key.match(/[^]{1,4}/g) ?? [];
      const said = redact(`before ${parts.join(between)} after`);
      expect(withoutUnseen(said)).not.toContain(key);
      expect(withoutUnseen(said)).not.toContain(key.slice(0, 8));
      expect([said.startsWith('before '), said.endsWith(' after')]).toEqual([true, true]);
    },
  );

  it('takes nothing from a text without it', () => {
    const text = `a \u001b[32mgreen\u001b[0m line, a \u200bword`;
    expect(KEYS.map((key) => createRedactor([apiKeySecret(key)]).redact(text))).toEqual(KEYS.map(() => text));
  });
});

describe('what is not seen', () => {
  it('is found where it is', () => {
    expect(['a', 'ä💥', '\t\n'].map(hasUnseen)).toEqual([false, false, false]);
    expect(BETWEEN.map((one) => [hasUnseen(one), unseenAt(`a${one}b`, 1), unseenAt(`a${one}b`, 0)])).toEqual(
      BETWEEN.map((one) => [true, one.length, 0]),
    );
    expect(BETWEEN.map((one) => withoutUnseen(`a${one}b`))).toEqual(BETWEEN.map(() => 'ab'));
  });
});
