import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../e2e/runner.mjs';
import { ERROR_CODES } from '../../src/error-codes.js';
import { readFaults, seen } from '../helpers/faults-page.js';

const faults = readFaults();

describe('docs/faults.md', () => {
  it('has the faults 1 to 20, each once and in order', () => {
    expect(faults.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it.each(faults.flatMap(({ n, tests }) => tests.map(({ file, title }) => ({ n, file, title }))))(
    'fault $n has a test: $file › $title',
    ({ file, title }) => {
      expect(existsSync(join(root, file)), file).toBe(true);
      const source = readFileSync(join(root, file), 'utf8');
      const begins = [`'`, `"`, '`'].map((quote) => `${quote}${title}`);
      expect(
        begins.some((text) => source.includes(text)),
        `${file} has no "${title}…"`,
      ).toBe(true);
    },
  );

  it.each(faults)(
    'fault $n: its codes are codes, its variants are told apart, a line fits itself',
    ({ n, seen: all }) => {
      for (const { variant, code, line } of all) {
        if (code) expect(Object.keys(ERROR_CODES)).toContain(code);
        // a failure says what to do
        expect(line.includes('. Fix: ')).toBe(code !== '');
        expect(line).toMatch(seen(n, variant));
      }
      expect(new Set(all.map(({ variant }) => variant)).size).toBe(all.length);
    },
  );
});
