/** A piece of an XML text; the names are without the prefixes of their namespaces. */
export type Piece =
  | { kind: 'open' | 'empty'; name: string; attributes: () => Attributes }
  | { kind: 'close'; name: string }
  /** What stands between two tags, as it is written; "literal": in CDATA, where an entity is none. */
  | { kind: 'text' | 'literal'; text: string }
  /** The text ends in the middle of something. */
  | { kind: 'unended' };

/** Values by names, decoded. */
export type Attributes = ReadonlyMap<string, string>;

/** The pieces of an XML text, in one pass: each character is looked at a fixed number of times, whatever the text. */
export function* piecesOf(xml: string): Generator<Piece> {
  let from = 0;
  for (let at = xml.indexOf('<'); at >= 0; at = xml.indexOf('<', at)) {
    const name = nameAt(xml, at);
    const other = name === undefined ? otherAt(xml, at) : undefined;
    if (name === undefined && !other) {
      at += 1; // a < that should have been escaped
      continue;
    }
    if (at > from) yield { kind: 'text', text: xml.slice(from, at) };
    const end = other ? other.end : endOfTag(xml, at);
    if (end < 0) {
      yield { kind: 'unended' };
      return;
    }
    if (other?.literal !== undefined) yield { kind: 'literal', text: other.literal };
    if (name !== undefined) yield tagOf(xml.slice(at, end), name);
    from = at = end;
  }
}

function tagOf(tag: string, fullName: string): Piece {
  const name = fullName.slice(fullName.lastIndexOf(':') + 1);
  if (tag[1] === '/') return { kind: 'close', name };
  const attributes = () => attributesOf(tag, 1 + fullName.length);
  return { kind: tag.at(-2) === '/' ? 'empty' : 'open', name, attributes };
}

const NAME = /<\/?([\p{L}_:][^\s/>"'<]*)/uy;
const DELIMITER = /[>"']/g;
const ATTRIBUTE = /\s*([^\s=/>"'<]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;

/** The name of the tag that begins here; undefined: it is none. */
function nameAt(xml: string, at: number): string | undefined {
  NAME.lastIndex = at;
  return NAME.exec(xml)?.[1];
}

/** Attributes that are read of a tag; a testcase has ten at most. */
const MOST_ATTRIBUTES = 100;

/** Those of a tag up to the first that is none; the first of a name. */
function attributesOf(tag: string, from: number): Attributes {
  const found = new Map<string, string>();
  ATTRIBUTE.lastIndex = from;
  for (let match = ATTRIBUTE.exec(tag); match && found.size < MOST_ATTRIBUTES; match = ATTRIBUTE.exec(tag)) {
    const [, name = '', double, single = ''] = match;
    if (!found.has(name)) found.set(name, decoded(double ?? single));
  }
  return found;
}

const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(lt|gt|amp|quot|apos));/gi;
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** A text with its entities replaced, each once; what is none stays as it is. */
export function decoded(text: string): string {
  return text.replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** The place after a tag: after the next > that no quotes hold; -1: it does not end. */
function endOfTag(xml: string, from: number): number {
  for (let at = from; ;) {
    DELIMITER.lastIndex = at;
    const found = DELIMITER.exec(xml);
    if (!found) return -1;
    if (found[0] === '>') return found.index + 1;
    const quote = xml.indexOf(found[0], found.index + 1);
    if (quote < 0) return -1;
    at = quote + 1;
  }
}

/** What looks like markup and has no elements in it, by how it begins and ends; the first that fits. */
const OTHERS = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

/** The place after a comment and the like (-1: it does not end), with what CDATA has in it; undefined: it is none. */
function otherAt(xml: string, at: number): { end: number; literal?: string } | undefined {
  for (const [begin, end] of OTHERS) {
    if (!xml.startsWith(begin, at)) continue;
    const found = xml.indexOf(end, at + begin.length);
    if (found < 0) return { end: -1 };
    const past = { end: found + end.length };
    return begin === '<![CDATA[' ? { ...past, literal: xml.slice(at + begin.length, found) } : past;
  }
  return xml[at + 1] === '!' ? { end: endOfTag(xml, at) } : undefined; // a document type
}
