import { BEGINS_ESCAPE, nextEscape } from './escapes.js';
import { formsOf } from './forms.js';
import { createFinder, FRAGMENT, merged, type Finder, type Span } from './fragments.js';
import { LONGEST_DUMP_LINE } from './numbers.js';
import type { Quotes } from './squeezed.js';
import { partOf, textOf, viewOf, type View } from './view.js';
import { plainViews, tellingViews, undoneViews } from './views.js';

/** Finds what tells something of secrets. */
export interface KeyFinder {
  /** Where a text tells something: spans that do not touch, in order. */
  find: (text: string) => Span[];
  /** Whether what a text ends with may tell something together with what comes behind its last line break. */
  isOpen: (text: string) => boolean;
}

/** Characters of the longest stretch that is found as one: eight of a secret may be written as many more. */
const LONGEST_SPAN = 400;
/** Characters before and behind a place in a text on which what is found there may depend. */
export const REACH = LONGEST_SPAN + LONGEST_DUMP_LINE;

/** What a program may have put between, or taken from. */
const OF_QUOTES = /[\\'"]/;

/** Finds one secret. */
export function createKeyFinder(secret: string): KeyFinder {
  return createSecretFinder([secret]);
}

/**
 * Every eight characters of every form of the secrets, in a text as it is and in its views: the eight decide alone, and neither
 * what else is in the text nor how much of it is there.
 */
export function createSecretFinder(secrets: string[]): KeyFinder {
  const long = secrets.filter(({ length }) => length >= FRAGMENT);
  if (long.length === 0) return { find: () => [], isOpen: () => false };
  const finder = createFinder(long.flatMap(formsOf));
  const quotes: Quotes[] = long.some((secret) => OF_QUOTES.test(secret))
    ? ['dropped', 'without backslashes', 'as one']
    : ['dropped'];
  const viewsOf = (text: View): View[] => [text, ...regionsOf(text).flatMap(undoneViews)];
  return {
    find: (text) => {
      const original = viewOf(text);
      const spans: Span[] = [];
      for (const view of viewsOf(original))
        for (const telling of tellingViews(view, quotes, finder.grams)) spansIn(telling, original, { finder, spans });
      return merged(spans);
    },
    isOpen: (text) => viewsOf(viewOf(text.slice(-REACH))).some((view) => plainViews(view, quotes).some(finder.isOpen)),
  };
}

/** The parts of a text in which escapes are near: elsewhere there is nothing to undo. */
function regionsOf(text: View): View[] {
  const regions: Span[] = [];
  let last: Span | undefined;
  if (!BEGINS_ESCAPE.test(textOf(text))) return [];
  for (let at = nextEscape(text.codes, 0); at >= 0; at = nextEscape(text.codes, at + 1)) {
    const start = Math.max(0, at - LONGEST_SPAN);
    const end = Math.min(at + LONGEST_SPAN, text.codes.length);
    if (last && start <= last.end) last.end = end;
    else regions.push((last = { start, end }));
  }
  return regions.map(({ start, end }) => partOf(text, start, end));
}

function spansIn(view: View, original: View, { finder, spans }: { finder: Finder; spans: Span[] }): void {
  finder.each(view, (at, last, beforeBreak) => {
    const start = view.starts[at] ?? 0;
    const end = view.ends[last - 1] ?? 0;
    if (end - start > LONGEST_SPAN) return;
    const lineBreak = original.codes.subarray(start, end).indexOf(LINE_FEED);
    if (lineBreak >= 0 && (view.ends[at + beforeBreak - 1] ?? 0) > start + lineBreak) return;
    const previous = spans.at(-1);
    if (previous && previous.start <= start && start <= previous.end) previous.end = Math.max(previous.end, end);
    else spans.push({ start, end });
  });
}

const LINE_FEED = 10;
