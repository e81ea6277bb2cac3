import { describe, expect, it } from 'vitest';
import { isDiskFull, messageOf, RunError, toFailure } from '../../src/errors.js';

describe('what a red run shows', () => {
  it('of an error that knows its hop: all that it knows', () => {
    const error = new RunError('E_CHART_RENDER', 'chart', 'it does not render', 'Correct it.', {
      evidence: ['line 3'],
      cause: new Error('helm failed', { cause: new Error('exit code 1', { cause: 'signal' }) }),
    });
    expect(toFailure(error)).toEqual({
      code: 'E_CHART_RENDER',
      hop: 'chart',
      cause: 'it does not render',
      fix: 'Correct it.',
      evidence: ['line 3'],
      chain: ['helm failed', 'exit code 1', 'signal'],
    });
  });

  it('without evidence and without a cause: empty lists', () => {
    expect(toFailure(new RunError('E_UNEXPECTED', 'tools', 'm', 'f'))).toMatchObject({ evidence: [], chain: [] });
  });

  it('of what led to it eight messages at the most, also where that goes round', () => {
    const [one, other] = [new Error('one'), new Error('other')];
    one.cause = other;
    other.cause = one;
    const { chain } = toFailure(new RunError('E_UNEXPECTED', 'tools', 'm', 'f', { cause: one }));
    expect(chain).toEqual(['one', 'other', 'one', 'other', 'one', 'other', 'one', 'other']);
  });

  it.each([
    ['an Error', new TypeError('x is undefined'), 'x is undefined'],
    ['a string', 'boom', 'boom'],
    ['nothing at all', undefined, 'undefined'],
  ])('of %s that nobody classified: the run is at fault, and where to report it', (_, thrown, said) => {
    const failure = toFailure(thrown);
    expect(failure).toMatchObject({
      code: 'E_UNEXPECTED',
      hop: 'run',
      cause: `unexpected error: ${said}`,
      evidence: [],
      chain: [],
    });
    expect(failure.fix).toContain('open an issue');
  });

  it('of such an error too, what led to it', () => {
    expect(toFailure(new TypeError('fetch failed', { cause: new Error('ECONNRESET') })).chain).toEqual(['ECONNRESET']);
  });

  it.each(['ENOSPC', 'EDQUOT'])('of %s, at any depth: that the disk is full', (code) => {
    const system = Object.assign(new Error('write failed'), { code });
    for (const thrown of [system, new Error('can not copy', { cause: new Error('x', { cause: system }) })]) {
      const failure = toFailure(thrown);
      expect(failure).toMatchObject({
        code: 'E_DISK_FULL',
        hop: 'run',
        cause: `no space left on the disk: ${thrown.message}`,
      });
      expect(failure.fix).toContain('Free disk space');
    }
  });
});

describe('an error of a run', () => {
  it('is an Error with a name and keeps what caused it', () => {
    const cause = new Error('ENOENT');
    const error = new RunError('E_WORKSPACE', 'inputs', 'no file', 'Add it.', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'RunError',
      message: 'no file',
      cause,
      code: 'E_WORKSPACE',
      hop: 'inputs',
      fix: 'Add it.',
    });
  });

  it('keeps its own code where the disk is full below it', () => {
    const cause = Object.assign(new Error('write failed'), { code: 'ENOSPC' });
    expect(toFailure(new RunError('E_WORKSPACE', 'inputs', 'm', 'f', { cause })).code).toBe('E_WORKSPACE');
  });

  it.each([Object.assign(new Error('x'), { code: 'EACCES' }), new Error('ENOSPC'), 'ENOSPC', undefined])(
    'is no full disk: %s',
    (thrown) => {
      expect(isDiskFull(thrown)).toBe(false);
    },
  );

  it.each([
    [new Error('a'), 'a'],
    ['b', 'b'],
    [null, 'null'],
    [42, '42'],
  ])('message of %s', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});
