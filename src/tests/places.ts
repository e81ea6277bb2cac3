import type { Place } from '../ports.js';
import type { Attributes } from './tags.js';

/**
 * Where a failed case is: by its attributes or those of a suite, else by its text. Undefined where neither names a file of
 * the workspace: a wrong place would be worse than none.
 */
export function placeOf(told: Place | undefined, text: string, workspace: string): Place | undefined {
  if (told?.line !== undefined) return told;
  const found = placesIn(text, workspace).filter(({ file }) => !told || file === told.file);
  // Python's tracebacks end with the innermost call, those of all others begin with it
  return found.findLast(({ file }) => file.endsWith('.py')) ?? found[0] ?? told;
}

/** What the attributes of a case or of a suite say. */
export function placeOfAttributes(attributes: Attributes, workspace: string): Place | undefined {
  const file = inWorkspace(attributes.get('file') ?? '', workspace);
  if (file === undefined) return undefined;
  const line = attributes.get('line') ?? attributes.get('lineno') ?? ''; // the latter is minitest's
  return /^\d{1,7}$/.test(line) ? withLine(file, Number(line) + lineOffset(file, attributes)) : { file };
}

/**
 * Lines are told from 1, but by pytest, which tells them from 0 (`report.location` as it is, in its junitxml.py). The other
 * writer of Python's, unittest-xml-reporting, tells them from 1, and a timestamp of each case.
 */
function lineOffset(file: string, attributes: Attributes): number {
  return file.endsWith('.py') && !attributes.has('timestamp') ? 1 : 0;
}

function withLine(file: string, line: number): Place {
  return line > 0 ? { file, line } : { file };
}

/** Suffixes of what tests are written in: without a list, an endpoint (`maas.example.com:443`) would be a file, too. */
const SUFFIXES =
  'py|[cm]?[jt]sx?|vue|svelte|go|rs|java|kts?|scala|groovy|clj|cs|fs|vb|php|phpt|rb|exs?|erl|dart|swift|mm?|cc|cpp|cxx|c|hpp|h|' +
  'sh|bash|bats|pl|t|lua|feature|robot|hurl|ya?ml';
/** `x.py:3`, .NET's `x.cs:line 3`, Python's `"x.py", line 3`, bats' `x.bats, line 3`. */
const FOUND = new RegExp(String.raw`\.(?:${SUFFIXES})(?::(?:line )?|"?, line )(\d{1,7})(?!\d)`, 'g');
/** What ends a path, read backwards. */
const BREAK = /[\s"'`()[\]{}<>:;,=|]/;
const LONGEST_PATH = 300;
/** Go's and the JVM's name a file without its folder, so that it could be any. */
const WITHOUT_FOLDER = /^[^/]*\.(go|java|kts?|scala|groovy|clj)$/;

/** The files of the workspace that a text has with a line. */
function placesIn(text: string, workspace: string): Place[] {
  return [...text.matchAll(FOUND)].flatMap(({ 0: found, 1: line, index }) => {
    const suffix = /^\.\w+/.exec(found)?.[0] ?? '';
    const path = `${pathBefore(text, index)}${suffix}`;
    const file = WITHOUT_FOLDER.test(path) ? undefined : inWorkspace(path, workspace);
    return file === undefined || Number(line) === 0 ? [] : [withLine(file, Number(line))];
  });
}

/** The path that ends here, without its suffix. */
function pathBefore(text: string, end: number): string {
  let from = end;
  while (from > Math.max(0, end - LONGEST_PATH) && !BREAK.test(text[from - 1] ?? '')) from -= 1;
  const path = text.slice(from, end);
  if (text[from - 1] !== ':') return path;
  return text.slice(from - 5, from + 3) === 'file:///' ? path.slice(2) : ''; // of any other address: no path of this machine
}

/** Parts of paths to what others wrote; and no way out. */
const FOREIGN = ['..', 'node_modules', 'site-packages', 'dist-packages', 'vendor'];

/** A path relative to the workspace; undefined: it is of no file of the user's there. */
function inWorkspace(path: string, workspace: string): string | undefined {
  const root = `${workspace.replace(/\/$/, '')}/`;
  const plain = path.replace(/^file:\/\//, '');
  if (plain.startsWith('/') && !plain.startsWith(root)) return undefined;
  const inner = plain.startsWith('/') ? plain.slice(root.length) : plain;
  const parts = inner.split('/').filter((part) => part && part !== '.');
  const name = parts.at(-1) ?? '';
  // the rest of an address, of a path of Windows', of a name in brackets
  if (!name || name.startsWith('.') || inner.length > LONGEST_PATH || /[\p{Cc}\\:]/u.test(inner)) return undefined;
  return parts.some((part) => FOREIGN.includes(part)) ? undefined : parts.join('/');
}
