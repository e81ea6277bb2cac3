import { dumpsOf } from './dumps.js';
import { undone, type Reading } from './escapes.js';
import { squeezed, type Quotes } from './squeezed.js';
import type { View } from './view.js';

/** Escapes in escapes that are undone: JSON in JSON, a URL in a URL. */
const DEPTH = 3;

/**
 * A text as it is, without what is not seen, line breaks and quotes, and what the numbers in it stand for as bytes. A view
 * depends on nothing but what is near: what a part of it says is the same in whatever text it stands.
 */
export function plainViews(text: View, quotes: Quotes[]): View[] {
  return [text, ...quotes.map((how) => squeezed(text, how)), ...dumpsOf(text)];
}

/**
 * Whatever a program does to write a text as a part of another (JSON, YAML, a shell, a URL, markup, CSV, Markdown, a program's
 * string), undone: escapes are what they stand for, once, twice and so on, as what looks like one may be none.
 */
export function undoneViews(text: View, quotes: Quotes[]): View[] {
  return (['strict', 'loose'] satisfies Reading[]).flatMap((reading) => {
    const views: View[] = [];
    let last = text;
    for (let depth = 0; depth < DEPTH; depth += 1) {
      const next = undone(last, reading);
      if (next === last) break;
      views.push(...plainViews(next, quotes));
      last = next;
    }
    return views;
  });
}
