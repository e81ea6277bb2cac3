import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../json.js';
import { LineCounter, type Document } from 'yaml';
import { RunError } from '../errors.js';
import type { Place } from '../ports.js';
import { documentsIn, YamlFault } from './documents.js';
import { readScalars, refuseTypes, replaceTexts, valueOf, YamlBomb } from './yaml.js';

export type Values = Record<string, unknown>;

/** Bytes; a larger values file is refused before it is parsed. */
export const LARGEST = 1024 * 1024;

/** Values are read several times a run; those of large charts have 30,000 tokens. */
const LIMITS = { tokens: 100_000, tokensOfDocument: 100_000 };
/** What values may stand for once their aliases are expanded: several times what a file may hold. */
const HEAVIEST = 8 * 1024 * 1024;

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
  const origin: Origin = { text, where, place: (offset) => lines.linePos(offset) };
  try {
    // Helm merges the documents of a file, and takes an empty one
    return [...documentsIn(text, lines, LIMITS)]
      .map((document) => readDocument(document, origin, replace))
      .reduce(mergeValues, {});
  } catch (error) {
    throw error instanceof YamlFault ? refusalOf(error, origin) : error;
  }
}

/** Where a document stands. */
interface Origin extends ValuesSource {
  place: (offset: number) => { line: number; col: number };
}

function readDocument(document: Document, { where, place }: Origin, replace?: ReplaceText): Values {
  refuseTypes(document);
  readScalars(document);
  if (replace)
    replaceTexts(document, replace, (offset, what) => {
      const { line, col } = place(offset);
      const said = `${where}, line ${line}, column ${col}: ${what}`;
      return new RunError('E_VALUES', 'inputs', said, 'Correct it there.', { place: placeIn(where, line) });
    });
  const values = valueOf(document, HEAVIEST);
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

function refusalOf(fault: YamlFault, { text, where, place }: Origin): RunError {
  const { message: what, offset } = fault;
  if (fault instanceof YamlBomb) {
    const fix = 'Write it with fewer aliases.';
    return new RunError('E_VALUES', 'inputs', `${where} can not be expanded: ${what}`, fix, { cause: fault });
  }
  const { line, col } = place(offset);
  const hint = text.split('\n')[line - 1]?.includes('${') ? '; inside of { } and [ ] a ${…} needs quotes' : '';
  const said = `${where} is not valid YAML at line ${line}, column ${col}: ${what}`;
  return new RunError('E_VALUES', 'inputs', said, `Correct it there${hint}.`, { place: placeIn(where, line) });
}

/** The file that a source of values is; undefined for an input, which is in the workflow. */
function placeIn(where: string, line: number): Place | undefined {
  return where.startsWith('input ') ? undefined : { file: where.replace(/^values file /, ''), line };
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
