import { breaksWithin, DROPPED, IS_BLANK, IS_ONE, KEPT, kindsOf, QUOTE, squeezed, type Quotes } from './squeezed.js';
import type { Span } from './fragments.js';
import { hasUnseen } from './unseen.js';
import { partOf, textOf, type View } from './view.js';

/** Characters on one side of a joint that are looked up: of eight, four are before it, or four behind it. */
const GRAM = 4;

/** What of a secret's fragments is asked for. */
export interface Grams {
  /** Whether four characters may be in a fragment. */
  has: (codes: Uint16Array, at: number) => boolean;
  /** Characters of the longest fragment. */
  longest: number;
  /** Whether there is a fragment. */
  isIn: (codes: Uint16Array) => boolean;
}

/**
 * A view squeezed where that may show a fragment that the view itself does not: around the places where something is dropped,
 * and there only where four characters beside it may be of a fragment. What is found in it is what is found in all of it.
 */
export function squeezedAtJoints(view: View, how: Quotes[], grams: Grams): View[] {
  const places = placesIn(textOf(view));
  return how.flatMap((quotes) => {
    const regions = places && new Joints(view.codes, kindsOf(quotes), grams).read(places);
    return regions?.map(({ start, end }) => squeezed(partOf(view, start, end), quotes)) ?? squeezed(view, quotes);
  });
}

/**
 * Where something may be dropped. Undefined where something is not seen: how far that goes can be told from its beginning alone,
 * and not by going back.
 */
function placesIn(text: string): number[] | undefined {
  if (hasUnseen(text)) return undefined;
  const places: number[] = [];
  const next = ['"', "'", '\\', '\n'].map((char) => ({ char, at: text.indexOf(char) })).filter(({ at }) => at >= 0);
  for (;;) {
    let first = next[0];
    for (const each of next) if (first && each.at < first.at) first = each;
    if (!first || first.at === text.length) return places;
    places.push(first.at);
    const at = text.indexOf(first.char, first.at + 1);
    first.at = at < 0 ? text.length : at;
  }
}

/** Of a longer stretch nothing is found: see key-finder.ts */
const MOST = 400;

class Joints {
  private readonly regions: Span[] = [];
  /** What is kept before a joint, and behind it, with the joint in the middle; and how much was noted last. */
  private readonly near: Uint16Array;
  private count = 0;

  constructor(
    private readonly codes: Uint16Array,
    private readonly kinds: Uint8Array,
    private readonly grams: Grams,
  ) {
    this.near = new Uint16Array(2 * grams.longest);
  }

  read(places: number[]): Span[] {
    const { codes, kinds } = this;
    let end = 0;
    for (let index = 0; index < places.length; index += 1) {
      const at = places[index] ?? 0;
      const kind = kinds[codes[at] ?? 0] ?? KEPT;
      if (kind === KEPT || at < end) continue;
      end = kind === IS_ONE ? this.runEnd(at, IS_ONE) : this.gapEnd(at);
      const from = kind === IS_BLANK ? this.runStart(at, IS_BLANK) : at;
      const isLone = from - (places[index - 1] ?? -GRAM) > GRAM && (places[index + 1] ?? codes.length) - end >= GRAM;
      if (isLone && kind !== IS_ONE && this.isPlain(from, end)) continue;
      if (kind !== IS_ONE) this.look(from, end);
      else if (end > at + 1 || codes[at] !== QUOTE) this.look(at, at);
    }
    return this.regions;
  }

  /** Whether the four characters on each side are of no fragment: so it is beside most of what is dropped. */
  private isPlain(from: number, end: number): boolean {
    const { codes, kinds, grams } = this;
    if (from < GRAM || end + GRAM > codes.length) return false;
    if (kinds[codes[from - GRAM] ?? 0] !== KEPT || kinds[codes[end + GRAM - 1] ?? 0] !== KEPT) return false;
    return !grams.has(codes, from - GRAM) && !grams.has(codes, end);
  }

  private look(from: number, end: number): void {
    const { near, grams, regions } = this;
    const { longest } = grams;
    this.back(from, GRAM);
    if (this.count < GRAM || !grams.has(near, longest - GRAM)) {
      this.ahead(end, GRAM);
      if (this.count < GRAM || !grams.has(near, longest)) return;
    }
    const region = { start: this.back(from, longest), end: 0 };
    const first = longest - this.count;
    region.end = this.ahead(end, longest);
    if (!grams.isIn(near.subarray(first, longest + this.count))) return;
    const last = regions.at(-1);
    if (last && region.start <= last.end) last.end = Math.max(last.end, region.end);
    else regions.push(region);
  }

  /** Everything that is dropped without anything between. */
  private gapEnd(from: number): number {
    const { codes, kinds } = this;
    let at = from;
    for (;;) {
      const kind = at < codes.length ? kinds[codes[at] ?? 0] : KEPT;
      const end = kind === IS_BLANK ? this.runEnd(at, IS_BLANK) : at + 1;
      if (kind !== DROPPED && !(kind === IS_BLANK && breaksWithin(codes, at, end))) return at;
      at = end;
    }
  }

  private runEnd(from: number, kind: number): number {
    let end = from;
    while (end < this.codes.length && this.kinds[this.codes[end] ?? 0] === kind) end += 1;
    return end;
  }

  private runStart(end: number, kind: number): number {
    let start = end;
    while (start > 0 && this.kinds[this.codes[start - 1] ?? 0] === kind) start -= 1;
    return start;
  }

  /** Notes so many characters that are kept before a place, if there are; gives where the first of them is. */
  private back(from: number, most: number): number {
    const { codes, kinds, near } = this;
    const edge = this.grams.longest - 1;
    let place = from;
    let count = 0;
    while (place > 0 && count < most && from - place < MOST) {
      const code = codes[place - 1] ?? 0;
      const kind = kinds[code] ?? KEPT;
      if (kind === KEPT) {
        near[edge - count] = code;
        place -= 1;
        count += 1;
      } else if (kind === IS_BLANK) {
        const start = this.runStart(place, IS_BLANK);
        const kept = breaksWithin(codes, start, place) ? 0 : Math.min(place - start, most - count);
        for (let blank = 0; blank < kept; blank += 1, count += 1) near[edge - count] = codes[place - 1 - blank] ?? 0;
        place = kept > 0 ? place - kept : start;
      } else if (kind === IS_ONE) {
        near[edge - count] = QUOTE;
        place = this.runStart(place, IS_ONE);
        count += 1;
      } else place -= 1;
    }
    this.count = count;
    return place;
  }

  /** The same behind a place; gives where the last of them ends. */
  private ahead(from: number, most: number): number {
    const { codes, kinds, near } = this;
    const edge = this.grams.longest;
    let place = from;
    let count = 0;
    while (place < codes.length && count < most && place - from < MOST) {
      const code = codes[place] ?? 0;
      const kind = kinds[code] ?? KEPT;
      if (kind === KEPT) {
        near[edge + count] = code;
        place += 1;
        count += 1;
      } else if (kind === IS_BLANK) {
        const end = this.runEnd(place, IS_BLANK);
        const kept = breaksWithin(codes, place, end) ? 0 : Math.min(end - place, most - count);
        for (let blank = 0; blank < kept; blank += 1, count += 1) near[edge + count] = codes[place + blank] ?? 0;
        place = kept > 0 ? place + kept : end;
      } else if (kind === IS_ONE) {
        near[edge + count] = QUOTE;
        place = this.runEnd(place, IS_ONE);
        count += 1;
      } else place += 1;
    }
    this.count = count;
    return place;
  }
}
