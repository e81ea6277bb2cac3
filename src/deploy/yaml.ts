import { messageOf } from '../errors.js';
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Scalar,
  visit,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { readScalar } from './scalars.js';

/** Aliases of one file. Each is looked for from the start of the file; values have a few. */
export const MOST_ALIASES = 1000;

/** A place of a document that values can not be made of, and why. */
export interface Unusable {
  at: Node | undefined;
  what: string;
}

/**
 * What parses as YAML and still makes no values: names that are no texts (the library prints them anew at each level),
 * aliases that lead nowhere or into themselves, merges of what is no mapping, types of YAML 1.1 that JSON has not.
 */
export function findUnusable(document: Document): Unusable | undefined {
  let found: Unusable | undefined;
  let aliases = 0;
  const stop = (at: unknown, what: string) => {
    found = { at: isNode(at) ? at : undefined, what };
    return visit.BREAK;
  };
  visit(document, {
    Alias: (_, alias, path) => {
      aliases += 1;
      if (aliases > MOST_ALIASES) return stop(alias, `more than ${MOST_ALIASES} aliases`);
      const source = alias.resolve(document);
      if (!source) return stop(alias, `alias *${alias.source} has no anchor before it`);
      return path.includes(source) ? stop(alias, `alias *${alias.source} is inside of what it stands for`) : undefined;
    },
    Pair: (_, pair) => {
      if (isCollection(pair.key)) return stop(pair.key, 'a name is a mapping or a list');
      return isMerge(pair) && !mergesMappings(pair, document)
        ? stop(pair.key, '<< merges what is no mapping')
        : undefined;
    },
    Node: (_, node) => {
      const type = /^tag:yaml\.org,2002:(binary|set|omap|pairs)$/.exec(node.tag ?? '')?.[1];
      return type ? stop(node, `!!${type} is no type of Helm values`) : undefined;
    },
  });
  return found;
}

/** Gives the scalars of a document that was parsed as texts alone the values that Helm takes them for. */
export function readScalars(document: Document): void {
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value !== 'string') return;
      const typed = /^tag:yaml\.org,2002:(int|float|bool|null)$/.test(node.tag ?? '');
      if (typed || (node.type === Scalar.PLAIN && !node.tag)) node.value = readScalar(node.value);
    },
  });
}

/**
 * Replaces every text that is a value.
 * @throws what `wrong` makes of an error and its place
 */
export function replaceTexts(
  document: Document,
  replace: (text: string, isPlain: boolean) => unknown,
  wrong: (offset: number, what: string) => Error,
): void {
  visit(document, {
    Scalar: (key, node) => {
      if (typeof node.value !== 'string') return;
      try {
        if (key === 'key') return refuseName(node.value, replace);
        node.value = replace(node.value, node.type === Scalar.PLAIN && !node.tag);
      } catch (error) {
        throw wrong(node.range?.[0] ?? 0, messageOf(error));
      }
    },
  });
}

/** @throws Error for a name that would be replaced: nobody would look for its value under another one */
function refuseName(name: string, replace: (text: string, isPlain: boolean) => unknown): void {
  if (replace(name, false) !== name) throw new Error(`${name} is a name, and only values are replaced`);
}

/** Helm takes a merged member over one that stands before the merge: https://github.com/yaml/go-yaml/blob/v2/decode.go */
export function orderMerges(document: Document): void {
  visit(document, {
    Map: (_, map) => {
      const at = map.items.findIndex(isMerge);
      const merge = map.items[at];
      if (at <= 0 || !merge) return;
      const merged = namesIn(merge.value, document);
      map.items = map.items.filter((pair, index) => index >= at || !(isScalar(pair.key) && merged.has(pair.key.value)));
    },
  });
}

/** Names of the members of a mapping, of an alias of one, or of a list of these. */
function namesIn(value: unknown, document: Document): Set<unknown> {
  const source = isAlias(value) ? value.resolve(document) : value;
  if (isSeq(source)) return new Set(source.items.flatMap((item) => [...namesIn(item, document)]));
  return new Set(
    isMap(source)
      ? source.items.flatMap((pair) =>
          isMerge(pair) ? [...namesIn(pair.value, document)] : [isScalar(pair.key) ? pair.key.value : undefined],
        )
      : [],
  );
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.source === '<<';
}

function mergesMappings({ value }: Pair, document: Document): boolean {
  const sources: unknown[] = isSeq(value) ? value.items : [value];
  return sources.every((source) => isMap(isAlias(source) ? source.resolve(document) : source));
}
