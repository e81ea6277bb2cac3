import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standInFor, tellingPartOf } from '../../src/secrets/stand-in.js';

describe('what a chart is rendered with in place of a key', () => {
  it.each(['sk-0123456789abcdefABCDEF', 'hf_abcdefghijkl', 'plainplainplain', 'a:#{b}"\'$&0123456789'])(
    'has the shape of %s, and is another one each time',
    (key) => {
      const shape = (text: string) => text.replace(/[a-z]/g, 'a').replace(/[A-Z]/g, 'A').replace(/\d/g, '0');
      const [one, other] = [standInFor(key), standInFor(key)];
      expect(shape(one)).toBe(shape(key));
      expect(one).not.toBe(other);
      if (/^(sk-|hf_)/.test(key)) expect(one.slice(0, 3)).toBe(key.slice(0, 3));
    },
  );

  it('is never the key, nor too little to be found', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, unit: 'grapheme-ascii' }), (key) => {
        expect(standInFor(key)).not.toBe(key);
        expect(standInFor(key).length).toBeGreaterThanOrEqual(8);
      }),
    );
  });

  it('is one of its own for a key with what lines are drawn with', () => {
    expect(standInFor('--------0123456789abcdef')).toMatch(/^[a-z]{24}$/);
  });

  it('is one of its own where there is no key', () => {
    expect(standInFor('')).toMatch(/^[a-z]{24}$/);
    expect(standInFor('')).not.toBe(standInFor(''));
  });

  it.each(['sk-proj-', 'sk-or-v1-', 'sk-ant-', 'nvapi-', 'platform-'])('keeps the prefix %s', (prefix) => {
    const standIn = standInFor(`${prefix}0a1b2c3d4e5f6a7b`);
    expect(standIn.startsWith(prefix)).toBe(true);
    expect(standIn).not.toContain('0a1b2c3d');
    expect(tellingPartOf(standIn)).toBe(standIn.slice(prefix.length));
  });
});
