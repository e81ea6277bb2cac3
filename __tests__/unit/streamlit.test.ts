import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFinished, RUN_PAGE, STREAM_PATH, viewOf } from '../../src/assert/streamlit.js';
import { ALERT, alert, element, exception, field, FINISHED, joined, numeric, shown } from '../helpers/streamlit.js';

it('asks for the page as a new visitor does: BackMsg { rerun_script {} }', () => {
  expect([...RUN_PAGE]).toEqual([...field(11, '')]);
  expect(STREAM_PATH).toBe('/_stcore/stream');
});

describe('the end of a page', () => {
  it.each([
    ['its own message', FINISHED],
    ['that of a script that does not compile', numeric(6, 1)],
    ['a message with a hash before it', joined(field(1, 'a-hash'), field(2, 'metadata'), FINISHED)],
    [
      'after fields of a fixed length',
      joined(Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 7, 8), Uint8Array.of(21, 1, 2, 3, 4), FINISHED),
    ],
  ])('is told by %s', (_, message) => {
    expect(isFinished(message)).toBe(true);
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['an element', shown('x')],
    ['a field of that number inside of an element', element(29, FINISHED)],
    ['a text that has its bytes', field(1, FINISHED)],
    ['another number', numeric(96, 0)],
    ['the end of a run that is begun anew at once (st.rerun)', numeric(6, 2)],
  ])('is not %s', (_, message) => {
    expect(isFinished(message)).toBe(false);
  });
});

describe('what a page shows', () => {
  it.each<[string, Uint8Array, string[]]>([
    ['an exception, with its type', exception('KeyError', "'id'"), ["KeyError: 'id'"]],
    ['an exception without a message', exception('KeyError', ''), ['KeyError']],
    ['an error box', alert('No models: \u{1f4a5}'), ['No models: \u{1f4a5}']],
    ['a warning', alert('careful', ALERT.warning), []],
    ['a note', alert('by the way', ALERT.info), []],
    ['a success', alert('done', ALERT.success), []],
    ['an alert without a format', element(30, field(1, 'x')), []],
    ['a text', shown('exception: error'), []],
    ['an exception that is no element', field(8, field(1, 'KeyError')), []],
    ['a long exception', exception('E', 'x'.repeat(70_000)), [`E: ${'x'.repeat(70_000)}`]],
    ['two in one message', joined(alert('a'), exception('b', '')), ['b', 'a']],
  ])('%s', (_, message, errors) => {
    expect(viewOf([shown('before'), message, FINISHED]).errors).toEqual(errors);
  });

  it('all errors of all messages', () => {
    const messages = [alert('one'), shown('x'), alert('two'), exception('three', '')];
    expect(viewOf(messages).errors.sort()).toEqual(['one', 'three', 'two']);
  });

  it('the text of every message, wherever it stands', () => {
    const { texts } = viewOf([shown('maas/acme/chat'), element(99, field(4, field(7, 'Zürich')))]);
    expect(texts).toHaveLength(2);
    expect(texts[0]).toContain('maas/acme/chat');
    expect(texts[1]).toContain('Zürich');
  });

  it('nothing', () => {
    expect(viewOf([])).toEqual({ errors: [], texts: [] });
  });
});

describe('bytes that are no message', () => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  const message = exception('KeyError', 'a message that is long enough to be cut anywhere');

  it('are read without an error, and to an end', () => {
    fc.assert(
      fc.property(bytes, (garbage) => {
        expect(typeof isFinished(garbage)).toBe('boolean');
        expect(viewOf([garbage]).texts).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
  });

  it('may be a message that was cut, or went on as something else', () => {
    fc.assert(
      fc.property(fc.nat({ max: message.length - 1 }), bytes, (length, garbage) => {
        expect(viewOf([message.subarray(0, length)]).errors).toEqual([]);
        expect(viewOf([joined(message, garbage)]).errors[0]).toMatch(/^KeyError: a message/);
      }),
    );
  });

  it.each([
    ['a number without an end', new Uint8Array(100_000).fill(0xff)],
    ['a length without an end', joined(Uint8Array.of(10), new Uint8Array(5000).fill(0x80))],
    ['a length beyond the message', Uint8Array.of(10, 0xff, 0xff, 0xff, 0xff, 0x7f, 1)],
    ['a group, which nobody writes', Uint8Array.of(11, 48, 0)],
    ['field 0', new Uint8Array(1000)],
  ])('may be %s', (_, garbage) => {
    expect(isFinished(garbage)).toBe(false);
    expect(viewOf([garbage]).errors).toEqual([]);
  });
});
