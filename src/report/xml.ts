import { withoutUnseen } from '../secrets/unseen.js';

/** An element as it is written. */
export interface XmlElement {
  name: string;
  /** What is undefined is left out. */
  attributes?: Record<string, string | number | undefined>;
  /** Elements, or a text. */
  content?: XmlElement[] | string;
}

/** A document that is well-formed XML 1.0 whatever its texts are; the names are the caller's own. */
export function xmlOf(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${render(root, '')}`;
}

function render({ name, attributes = {}, content = '' }: XmlElement, indent: string): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${inAttribute(String(value))}"`,
  );
  const begin = `${indent}<${name}${written.join('')}`;
  if (!content.length) return `${begin}/>\n`;
  const inner =
    typeof content === 'string'
      ? inText(content)
      : `\n${content.map((child) => render(child, `${indent}  `)).join('')}${indent}`;
  return `${begin}>${inner}</${name}>\n`;
}

/** `>`, too: a text may have no `]]>` in it. */
function inText(text: string): string {
  return plainText(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** A reader makes blanks of line breaks and tabs that stand in an attribute as they are. */
function inAttribute(text: string): string {
  return inText(text).replace(/"/g, '&quot;').replace(/\n/g, '&#10;').replace(/\t/g, '&#9;');
}

/** All but https://www.w3.org/TR/xml/#NT-Char; half of a surrogate pair, too. */
const ILLEGAL = /[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+/gu;

/** A text of unknown origin without what is meant for a terminal; what XML has no way to write is U+FFFD. */
export function plainText(text: string): string {
  return withoutUnseen(text.replace(/\r\n?/g, '\n')).replace(ILLEGAL, (run) => '\ufffd'.repeat(run.length));
}
