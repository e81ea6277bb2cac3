import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readCommandFile } from '../../src/command-file.js';
import { OUTPUT_NAMES } from '../../src/output-names.js';

describe('a command file', () => {
  it.each<[string, string, Record<string, string>]>([
    ['nothing', '', {}],
    ['a value', 'a=1\n', { a: '1' }],
    ['a value with signs in it', 'a=b=c<<d\n', { a: 'b=c<<d' }],
    ['an empty value', 'a=\n', { a: '' }],
    ['lines', 'a<<END\none\n\ntwo=2\nEND\nb=1', { a: 'one\n\ntwo=2', b: '1' }],
    ['no lines', 'a<<END\nEND\n', { a: '' }],
    ['lines of Windows', 'a<<END\r\none\r\nEND\r\nb=1\r\n', { a: 'one', b: '1' }],
    ['what looks like another one, within lines', 'a<<END\nresult=passed\nEND\n', { a: 'result=passed' }],
    ['a name twice: the last one', 'a=1\na=2\n', { a: '2' }],
  ])('with %s', (_, text, values) => {
    expect(Object.fromEntries(readCommandFile(text).map(({ name, value }) => [name, value]))).toEqual(values);
  });

  it.each([
    ['a\n', /^line 1 is neither/],
    ['ok=1\n=x\n', /^line 2 is neither/],
    ['a<<\nx\n', /^line 1 is neither/],
    ['<<END\nx\nEND\n', /^line 1 is neither/],
    ['ok=1\na<<END\nresult=passed\n', /^what begins at line 2 does not end: there is no line END$/],
    ['a<<END\nx\n END\n', /does not end/],
  ])('that is none is refused: %j', (text, message) => {
    expect(() => readCommandFile(text)).toThrow(message);
  });
});

it("the action's own outputs are those of action.yml", () => {
  const { outputs } = parse(readFileSync('action.yml', 'utf8')) as { outputs: Record<string, unknown> };
  expect(OUTPUT_NAMES).toEqual(Object.keys(outputs));
});
