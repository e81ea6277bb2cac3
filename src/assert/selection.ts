import { RunError } from '../errors.js';

/** What a selection needs to know of a check. */
export interface Selectable {
  name: string;
  asksModel: boolean;
}

/**
 * Names of the checks that the input `checks` asks for, in the order of the suite. Words are separated by spaces, commas
 * or lines: `all`, `basic` (those that ask no model), names; with a leading `-` it is left out. Only leaving out means
 * all but those.
 * @throws RunError for a name that is none, with the nearest that is; and where nothing is left
 */
export function parseSelection(text: string, suite: Selectable[]): string[] {
  const words = text.split(/[\s,]+/).filter(Boolean);
  const namesOf = (word: string) => expand(word, suite);
  const added = words.filter((word) => !word.startsWith('-')).flatMap(namesOf);
  const removed = words.filter((word) => word.startsWith('-')).flatMap((word) => namesOf(word.slice(1)));
  const wanted = new Set(added.length ? added : suite.map(({ name }) => name));
  const selected = suite.map(({ name }) => name).filter((name) => wanted.has(name) && !removed.includes(name));
  if (selected.length === 0) throw refuse(`"${text}" leaves no check`, 'Leave it out, or name a check to run.');
  return selected;
}

function expand(word: string, suite: Selectable[]): string[] {
  if (word === 'all') return suite.map(({ name }) => name);
  if (word === 'basic') return suite.filter(({ asksModel }) => !asksModel).map(({ name }) => name);
  const known = ['all', 'basic', ...suite.map(({ name }) => name)];
  if (known.includes(word)) return [word];
  const nearest = nearestOf(word, known);
  throw refuse(
    `names "${word}", which is no check${nearest ? `; did you mean "${nearest}"?` : ''}`,
    `Use all, basic, or names of: ${known.slice(2).join(', ')}.`,
  );
}

/** The known word that few changes of letters make of this one; undefined where none is near. */
function nearestOf(word: string, known: string[]): string | undefined {
  const [nearest] = known
    .map((name) => ({ name, changes: distance(word.toLowerCase(), name) }))
    .sort((one, other) => one.changes - other.changes);
  return nearest && nearest.changes <= Math.max(2, word.length / 3) ? nearest.name : undefined;
}

/** Levenshtein's distance: insertions, deletions and replacements of letters. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(from).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(to).entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function refuse(what: string, fix: string): RunError {
  return new RunError('E_INPUT', 'inputs', `input checks ${what}`, fix);
}
