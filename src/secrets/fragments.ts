import { createTable, type Fragment } from './fragment-table.js';
import type { Grams } from './joints.js';
import { textOf, type View } from './view.js';

/** Characters of a secret, in any form, that tell something of it. */
export const FRAGMENT = 8;

/** A part of a text, up to and without `end`. */
export interface Span {
  start: number;
  end: number;
}

/** A text that tells of a secret. */
export interface Form {
  /** Character by character of the secret where these are more than one each; a fragment has eight of them. */
  text: string | string[];
  /**
   * Characters that must stand before a line break for what stands on both sides to be taken for one. A line can only be shown
   * when its end is none: so two, where every end of a line would be one otherwise. Of numbers one is enough where `isOwn`.
   */
  beforeBreak: number;
  /** Whether it is the secret's own text, and not one made of it. */
  isOwn: boolean;
}

export interface Finder {
  /** Calls back for each fragment of a view, in any case of letters, with where it is. */
  each: (view: View, found: (at: number, end: number, beforeBreak: number) => void) => void;
  /** Whether a view ends with what may go on behind a line break. */
  isOpen: (view: View) => boolean;
  /** What parts of the fragments are asked for. */
  grams: Grams;
}

/** Finds every fragment of the forms in one look at a view, whatever their number. */
export function createFinder(forms: Form[]): Finder {
  const fragments = new Map<string, Fragment>();
  const ends = new Set<string>();
  const singles = new Set<string>();
  for (const form of forms) {
    const { text, beforeBreak } = form;
    const pieces = Array.from(text, lowered);
    for (let at = 0; at + FRAGMENT <= pieces.length; at += 1)
      add(fragments, pieces.slice(at, at + FRAGMENT).join(''), form);
    const written = pieces.join('');
    for (let at = 0; at + beforeBreak < written.length; at += 1) ends.add(written.slice(at, at + beforeBreak));
    if (form.isOwn) for (const char of written.slice(0, -1)) singles.add(char);
  }
  const table = createTable([...fragments.values()]);
  const lengths = [...new Set(forms.map(({ beforeBreak }) => beforeBreak))];
  return {
    each: (view, found) => {
      table.each(view.codes, (at, { text, beforeBreak, isOwn }) => {
        found(at, at + text.length, view.isOfNumbers && isOwn ? 1 : beforeBreak);
      });
    },
    grams: table,
    isOpen: (view) => {
      const end = lowered(textOf({ codes: view.codes.subarray(-FRAGMENT) }));
      if (view.isOfNumbers && singles.has(end.slice(-1))) return true;
      return lengths.some((length) => ends.has(end.slice(-length)));
    },
  };
}

/** Letters of ASCII in small; others are not what some program makes of a secret. */
function lowered(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function add(fragments: Map<string, Fragment>, text: string, { beforeBreak, isOwn }: Form): void {
  const known = fragments.get(text);
  fragments.set(text, {
    text,
    beforeBreak: Math.min(beforeBreak, known?.beforeBreak ?? beforeBreak),
    isOwn: isOwn || known?.isOwn === true,
  });
}

/** Spans that do not touch, in order. */
export function merged(spans: Span[]): Span[] {
  const all: Span[] = [];
  for (const span of spans.sort((one, other) => one.start - other.start)) {
    const last = all.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else all.push({ ...span });
  }
  return all;
}
