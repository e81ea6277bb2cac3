import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../json.js';
import { LineCounter, parseAllDocuments, type Document } from 'yaml';
import { RunError } from '../errors.js';
import type { Place } from '../ports.js';
import { findUnusable, MOST_ALIASES, orderMerges, readScalars, replaceTexts } from './yaml.js';

export type Values = Record<string, unknown>;

/** Bytes; a larger values file is refused before it is parsed. */
const LARGEST = 1024 * 1024;

/** Helm takes the last of two members of the same name, and merges `<<`. */
export const AS_HELM = { uniqueKeys: false, merge: true };

/** Name of the variable that carries the key into the stack's containers. */
export const KEY_VARIABLE = 'MAAS_API_KEY';

/** A text of values, and the input or file that it is, for messages. */
export interface ValuesSource {
  where: string;
  text: string;
}

/** What takes the place of a text in values; `isPlain`: it stands there without quotes. @throws Error with what is wrong with it */
export type ReplaceText = (text: string, isPlain: boolean) => string | number;

/**
 * Helm values from YAML. `where` names the input or file in messages.
 * @throws RunError with line and column where the text is no YAML mapping, or a text in it can not be replaced
 */
export function parseValues(text: string, where: string, replace?: ReplaceText): Values {
  if (Buffer.byteLength(text) > LARGEST)
    throw new RunError(
      'E_VALUES',
      'inputs',
      `${where} is larger than 1 MiB`,
      'Split it, or take out what is not needed.',
    );
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    ...AS_HELM,
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
  });
  const place = (offset: number) => lines.linePos(offset);
  // Helm merges the documents of a file, and takes an empty one
  return (Array.isArray(documents) ? documents : [])
    .map((document) => readDocument(document, { text, where, place }, replace))
    .reduce(mergeValues, {});
}

/** Where a document stands. */
interface Origin extends ValuesSource {
  place: (offset: number) => { line: number; col: number };
}

function readDocument(document: Document.Parsed, { text, where, place }: Origin, replace?: ReplaceText): Values {
  const invalid = (offset: number, what: string) => {
    const { line, col } = place(offset);
    const hint = text.split('\n')[line - 1]?.includes('${') ? '; inside of { } and [ ] a ${…} needs quotes' : '';
    const said = `${where} is not valid YAML at line ${line}, column ${col}: ${what}`;
    return new RunError('E_VALUES', 'inputs', said, `Correct it there${hint}.`, { place: placeIn(where, line) });
  };
  const error = document.errors[0];
  if (error) throw invalid(error.pos[0], error.message.split(/[\r\n]/)[0] ?? '');
  const unusable = findUnusable(document);
  if (unusable) throw invalid(unusable.at?.range?.[0] ?? 0, unusable.what);
  readScalars(document);
  orderMerges(document);
  if (replace)
    replaceTexts(document, replace, (offset, what) => {
      const { line, col } = place(offset);
      const said = `${where}, line ${line}, column ${col}: ${what}`;
      return new RunError('E_VALUES', 'inputs', said, 'Correct it there.', { place: placeIn(where, line) });
    });
  const values = expand(document, where);
  if (values === null || values === undefined) return {};
  if (!isRecord(values))
    throw new RunError(
      'E_VALUES',
      'inputs',
      `${where} is not a mapping, line 1, column 1`,
      'Write Helm values: names with values, such as "replicaCount: 1".',
      { place: placeIn(where, 1) },
    );
  return values;
}

/** The file that a source of values is; undefined for an input, which is in the workflow. */
function placeIn(where: string, line: number): Place | undefined {
  return where.startsWith('input ') ? undefined : { file: where.replace(/^values file /, ''), line };
}

/** The yaml library counts how often aliases are expanded, and throws at what only a bomb needs. */
function expand(document: Document, where: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
  } catch (error) {
    throw new RunError(
      'E_VALUES',
      'inputs',
      `${where} can not be expanded: ${(error as Error).message}`,
      'Write it with fewer aliases.',
      { cause: error },
    );
  }
}

/** What has to go over `before` to make it `after`: of mappings the members that differ, of everything else the later one. */
export function differenceOf(before: Values, after: Values): Values {
  const differing = Object.entries(after).flatMap(([name, value]): [string, unknown][] => {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (isDeepStrictEqual(old, value)) return [];
    return [[name, isRecord(old) && isRecord(value) ? differenceOf(old, value) : value]];
  });
  return Object.fromEntries(differing);
}

/** Merged as Helm merges values: mappings member by member, everything else replaced by the later one. */
export function mergeValues(base: Values, over: Values): Values {
  const merged = new Map(Object.entries(base)); // a name may be __proto__
  for (const [name, value] of Object.entries(over)) {
    const before = merged.get(name);
    merged.set(name, isRecord(before) && isRecord(value) ? mergeValues(before, value) : value);
  }
  return Object.fromEntries(merged);
}
