import { describe, expect, it } from 'vitest';
import { isDiskFull, messageOf, RunError, stackOf, toFailure, toRunError } from '../../src/errors.js';

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
    ['nothing at all', undefined, 'undefined was thrown'],
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

  const getter = (name: string) =>
    Object.defineProperty(new Error('x'), name, {
      get: () => {
        throw new Error('no');
      },
    });
  const cycle = Object.assign(new Error('cycle'), { code: 'E' });
  cycle.cause = cycle;
  const revoked = Proxy.revocable(new Error('x'), {});
  revoked.revoke();

  it.each([
    ['a message that throws', getter('message'), /^unexpected error: /],
    ['a cause that throws', getter('cause'), /^unexpected error: x$/],
    ['a code that throws', getter('code'), /^unexpected error: x$/],
    ['itself as its cause', cycle, /^unexpected error: cycle$/],
    [
      'no text',
      {
        toString: () => {
          throw new Error('no');
        },
      },
      /^unexpected error: \[object Object\]$/,
    ],
    ['no prototype', Object.create(null), /\[object Object\]$/],
    ['nothing that may be asked', revoked.proxy, /has no text/],
    ['a symbol', Symbol('s'), /^unexpected error: Symbol\(s\)$/],
    ['a message of 1 MB', new Error('x'.repeat(1024 * 1024)), /^unexpected error: x{16384}…$/],
    ['a text of 1 MB', 'x'.repeat(1024 * 1024), /^unexpected error: x{16384}…$/],
    ['a message that is none', { message: 7 }, /^unexpected error: \[object Object\]$/],
    ['a message, and is no Error', { message: 'said' }, /^unexpected error: said$/],
  ])('what has %s is a failure like any other', (_, thrown, cause) => {
    const failure = toFailure(thrown);
    expect(failure).toMatchObject({ code: 'E_UNEXPECTED', hop: 'run', cause: expect.stringMatching(cause) as string });
    expect(failure.chain.length).toBeLessThan(9);
    expect(toFailure(toRunError(thrown))).toEqual(failure);
    expect(stackOf(thrown)).not.toContain('x'.repeat(100));
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
