import { dumpsOf } from './dumps.js';
import { undone } from './escapes.js';
import { squeezedAtJoints, type Grams } from './joints.js';
import { numbersIn } from './numbers.js';
import { squeezed, type Quotes } from './squeezed.js';
import { isSame, textOf, type View } from './view.js';

/** Escapes in escapes that are undone: JSON in JSON, a URL in a URL. */
const DEPTH = 3;

/**
 * A text as it is, without what is not seen, line breaks and quotes, and what the numbers in it stand for as bytes. A view
 * depends on nothing but what is near: what a part of it says is the same in whatever text it stands.
 */
export function plainViews(text: View, quotes: Quotes[]): View[] {
  const whole = { start: 0, end: text.codes.length };
  return [text, ...quotes.map((how) => squeezed(text, how)), ...dumpsOf(text, [whole])];
}

/** Of the same views what may show a fragment: most of a log is looked at once, as it is. */
export function tellingViews(text: View, quotes: Quotes[], grams: Grams): View[] {
  const written = textOf(text);
  return [
    text,
    ...squeezedAtJoints({ ...text, text: written }, quotes, grams),
    ...dumpsOf(text, numbersIn(written, text.codes)),
  ];
}

/**
 * Whatever a program does to write a text as a part of another (JSON, YAML, a shell, a URL, markup, CSV, Markdown, a program's
 * string), undone: escapes are what they stand for, once, twice and so on, as what looks like one may be none.
 */
export function undoneViews(text: View): View[] {
  const views: View[] = [];
  let [strict, loose] = [text, text];
  for (let depth = 0; depth < DEPTH; depth += 1) {
    const [nextStrict, nextLoose] = [undone(strict, 'strict'), undone(loose, 'loose')];
    if (nextStrict !== strict) views.push(nextStrict);
    if (nextLoose !== loose && !isSame(nextLoose, nextStrict)) views.push(nextLoose);
    strict = nextStrict;
    loose = isSame(nextLoose, nextStrict) ? nextStrict : nextLoose;
  }
  return views;
}
