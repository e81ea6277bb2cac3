import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/error-codes.js';

const folder = fileURLToPath(new URL('../../src', import.meta.url));
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && path !== 'error-codes.ts')
  .map((path) => readFileSync(join(folder, path), 'utf8'))
  .join('\n');
const codes = Object.entries(ERROR_CODES);

describe('an error code', () => {
  it.each(codes.map(([code]) => code))('%s is one that a run can give', (code) => {
    expect(code).toMatch(/^E_[A-Z]+(_[A-Z]+)*$/);
    expect(sources).toContain(`'${code}'`);
  });

  it.each(codes)('%s says what it means and what to do, in sentences', (_, texts) => {
    expect(texts).toHaveLength(2);
    for (const text of texts) expect(text).toMatch(/^(?!.*\s\s)\S[^\n]*[^\s.]\.$/);
  });

  it('has a meaning of its own', () => {
    const meanings = codes.map(([, [means]]) => means);
    expect(new Set(meanings).size).toBe(meanings.length);
  });
});
