import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standInFor } from '../../src/secrets/stand-in.js';

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
    expect(standInFor('--------0123456789abcdef')).toBe('stand-in-for-the-key');
  });

  it('is one of its own where there is no key', () => {
    expect(standInFor('')).toBe('stand-in-for-the-key');
  });
});
