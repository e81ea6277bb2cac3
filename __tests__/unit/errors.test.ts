import { describe, expect, it } from 'vitest';
import { messageOf, RunError, toFailure } from '../../src/errors.js';

describe('what a red run shows', () => {
  it('of an error that knows its hop: all that it knows', () => {
    const error = new RunError('chart', 'it does not render', 'Correct it.', { evidence: ['line 3'] });
    expect(toFailure(error)).toEqual({
      hop: 'chart',
      cause: 'it does not render',
      fix: 'Correct it.',
      evidence: ['line 3'],
    });
  });

  it('without evidence: an empty list', () => {
    expect(toFailure(new RunError('tools', 'm', 'f')).evidence).toEqual([]);
  });

  it.each([
    ['an Error', new TypeError('x is undefined'), 'x is undefined'],
    ['a string', 'boom', 'boom'],
    ['nothing at all', undefined, 'undefined'],
  ])('of %s that nobody classified: the run is at fault, and where to report it', (_, thrown, said) => {
    const failure = toFailure(thrown);
    expect(failure).toMatchObject({ hop: 'run', cause: `unexpected error: ${said}`, evidence: [] });
    expect(failure.fix).toContain('open an issue');
  });
});

describe('an error of a run', () => {
  it('is an Error with a name and keeps what caused it', () => {
    const cause = new Error('ENOENT');
    const error = new RunError('inputs', 'no file', 'Add it.', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'RunError', message: 'no file', cause, hop: 'inputs', fix: 'Add it.' });
  });

  it.each([
    [new Error('a'), 'a'],
    ['b', 'b'],
    [null, 'null'],
    [42, '42'],
  ])('message of %s', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});
