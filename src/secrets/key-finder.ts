import { formsOf } from './forms.js';
import { createFinder, FRAGMENT, merged, type Span } from './fragments.js';
import { BEGINS, textsOfViews, unquoted, viewsOf, type View } from './views.js';
import { hasUnseen } from './unseen.js';

/** Finds what tells something of a key. */
export interface KeyFinder {
  /** Where a text tells something: spans that do not touch, in order. */
  find: (text: string) => Span[];
  /** Characters of the longest stretch that is found, or not, as one: 8 of a key may be written as many more. */
  reach: number;
}

/** What a view differs in. */
const ESCAPED = /[\\'"%&]/;
/** Characters that nothing escapes. */
const PLAIN = /^[\w.~-]*$/;
/** Characters that one character of a key may be written as: &amp;quot; and a few quotes. */
const LONGEST_ESCAPE = 12;

/**
 * Every eight characters of every form of a key. Where it has characters that programs escape, it is looked for in texts with
 * their escapes undone, too: there are more ways to write one than can be listed. Every key is looked for in texts without what is
 * not seen of them, such as colours.
 */
export function createKeyFinder(key: string): KeyFinder {
  const forms = key.length < FRAGMENT ? [] : formsOf(key);
  const findForms = createFinder(forms);
  const inText = (text: string) => findForms(text).map((start) => ({ start, end: start + FRAGMENT }));
  const isPlain = PLAIN.test(key);
  const mayHide = (text: string) => hasUnseen(text) || (!isPlain && ESCAPED.test(text));
  const findInView = createFinder([unquoted(key)]);
  const reach = FRAGMENT * LONGEST_ESCAPE;
  const inLine = (line: string, offset: number): Span[] => {
    if (!mayHide(line) || !textsOfViews(line).some((text) => findInView(text).length > 0)) return [];
    const inOriginal = ({ starts, ends }: View, at: number) => ({
      start: offset + (starts[at] ?? 0),
      end: offset + (ends[at + FRAGMENT - 1] ?? 0),
    });
    return viewsOf(line)
      .flatMap((view) => findInView(view.text).map((at) => inOriginal(view, at)))
      .filter(({ start, end }) => end - start <= reach);
  };
  const inView = (text: string): Span[] => {
    if (!mayHide(text)) return [];
    let offset = 0;
    return text.split('\n').flatMap((line) => {
      const spans = inLine(line, offset);
      offset += line.length + 1;
      return spans;
    });
  };
  return { find: (text) => merged([...inText(text), ...inView(text)]), reach };
}

/** The place at or before `at` where a text can be cut without cutting an escape in two. */
export function beforeEscape(text: string, at: number): number {
  const from = Math.max(0, at - LONGEST_ESCAPE);
  const escape = text.slice(from, at).search(BEGINS);
  return escape < 0 ? at : from + escape;
}
