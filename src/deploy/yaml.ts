import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Scalar,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { messageOf } from '../errors.js';
import { DEEPEST, YamlFault } from './documents.js';
import { readScalar } from './scalars.js';

/** Aliases of one document; values have a few. */
export const MOST_ALIASES = 1000;
/** Mappings that one mapping may merge, and names that all merges of a document may bring. */
const MOST_MERGES = 1000;
const MOST_MERGED = 100_000;

/** A document stands for more than it may once its aliases are expanded. */
export class YamlBomb extends YamlFault {}

/** A value, with what it stands for where its aliases are expanded. */
interface Read {
  value: unknown;
  /** Characters, and WEIGHT for each value. */
  weight: number;
  /** Levels below it. */
  depth: number;
  /** Of a mapping. */
  members?: Map<string, Read>;
  /** Of a mapping: how many it merges, with those that they merge, each as often as it is written. */
  merges?: number;
}

/** What a value weighs beside its characters. */
const WEIGHT = 16;

const NOTHING: Partial<Read> = {};

/**
 * The value of a document. Each node is read once, whatever aliases and merges refer to it; what they repeat is counted, and is
 * the same object. A merged member goes over one that stands before the merge, as for Helm:
 * https://github.com/yaml/go-yaml/blob/v2/decode.go
 *
 * @param heaviest characters of all values once aliases are expanded, and 16 for each value
 * @throws YamlFault for names that are no texts, aliases that lead nowhere or into themselves, merges of what is no mapping;
 *   YamlBomb for more than there may be
 */
export function valueOf({ contents }: Document, heaviest: number): unknown {
  return new Reader(heaviest).read(contents).value;
}

class Reader {
  /** By name; undefined while the node is being read. The last anchor of a name counts. */
  private readonly anchors = new Map<string, Read | undefined>();
  private aliases = 0;
  private merged = 0;

  constructor(private readonly heaviest: number) {}

  read(node: unknown): Read {
    if (isAlias(node)) return this.resolve(node.source, node);
    const anchor = isNode(node) && 'anchor' in node ? node.anchor : undefined;
    if (anchor !== undefined) this.anchors.set(anchor, undefined);
    const read = this.limited(this.contentOf(node), node);
    if (anchor !== undefined) this.anchors.set(anchor, read);
    return read;
  }

  private contentOf(node: unknown): Read {
    if (isMap(node)) return this.mapping(node);
    if (isSeq(node)) return this.list(node);
    const value: unknown = isScalar(node) ? node.value : (node ?? null);
    return { value, weight: WEIGHT + (typeof value === 'string' ? value.length : 0), depth: 0 };
  }

  private list({ items }: YAMLSeq): Read {
    const all = items.map((item) => this.read(item));
    return { value: all.map(({ value }) => value), ...totalOf(all) };
  }

  private mapping({ items }: YAMLMap): Read {
    const members = new Map<string, Read>();
    let merges = 0;
    for (const pair of items) {
      if (isMerge(pair)) merges += this.merge(pair, members);
      else members.set(this.nameOf(pair.key), this.read(pair.value));
    }
    const entries = [...members].map(([name, { value }]) => [name, value] as const);
    const total = totalOf([...members.values()]);
    const names = entries.reduce((sum, [name]) => sum + name.length, 0);
    return { value: Object.fromEntries(entries), members, merges, ...total, weight: total.weight + names };
  }

  /** Of several mappings the first goes over the others. Gives how many are merged, with those that they merge. */
  private merge({ key, value }: Pair, into: Map<string, Read>): number {
    const sources: unknown[] = isSeq(value) ? value.items : [value];
    const read = sources.map((source) => (isAlias(source) || isMap(source) ? this.read(source) : NOTHING));
    let merges = 0;
    for (const { members, merges: below = 0 } of read.reverse()) {
      if (!members) throw new YamlFault('<< merges what is no mapping', offsetOf(key));
      merges += 1 + below;
      this.merged += members.size;
      if (merges > MOST_MERGES)
        throw new YamlBomb(`its aliases merge more than ${MOST_MERGES} mappings`, offsetOf(key));
      if (this.merged > MOST_MERGED)
        throw new YamlBomb(`its aliases merge more than ${MOST_MERGED} names`, offsetOf(key));
      for (const [name, member] of members) into.set(name, member);
    }
    return merges;
  }

  /** As the library names a member; Helm, too, takes `yes` and `1` for texts there. */
  private nameOf(key: unknown): string {
    const { value } = this.read(key);
    if (value === null) return '';
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new YamlFault('a name is a mapping or a list', offsetOf(key));
  }

  private resolve(name: string, at: Node): Read {
    this.aliases += 1;
    if (this.aliases > MOST_ALIASES) throw new YamlFault(`more than ${MOST_ALIASES} aliases`, offsetOf(at));
    if (!this.anchors.has(name)) throw new YamlFault(`alias *${name} has no anchor before it`, offsetOf(at));
    const read = this.anchors.get(name);
    return read ?? raise(new YamlFault(`alias *${name} is inside of what it stands for`, offsetOf(at)));
  }

  private limited(read: Read, at: unknown): Read {
    if (read.weight > this.heaviest)
      throw new YamlBomb(`its aliases stand for more than ${this.heaviest} characters`, offsetOf(at));
    if (read.depth > DEEPEST) throw new YamlBomb(`its aliases are nested more than ${DEEPEST} deep`, offsetOf(at));
    return read;
  }
}

function totalOf(all: Read[]): Pick<Read, 'weight' | 'depth'> {
  let weight = WEIGHT;
  let depth = 0;
  for (const one of all) {
    weight += one.weight;
    depth = Math.max(depth, one.depth);
  }
  return { weight, depth: depth + 1 };
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function raise(error: Error): never {
  throw error;
}

/** Types of YAML 1.1 that JSON has not. @throws YamlFault at the first */
export function refuseTypes(document: Document): void {
  visit(document, {
    Node: (_, node) => {
      const type = /^tag:yaml\.org,2002:(binary|set|omap|pairs)$/.exec(node.tag ?? '')?.[1];
      if (type) throw new YamlFault(`!!${type} is no type of Helm values`, offsetOf(node));
    },
  });
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

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.source === '<<' && key.type === Scalar.PLAIN;
}
