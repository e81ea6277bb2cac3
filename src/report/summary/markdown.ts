import { withoutUnseen } from '../../secrets/unseen.js';

/** Characters kept of one line: the summary stays far below GitHub's limit. */
const LINE = 300;

/**
 * Text of unknown origin inside a table or a sentence: one line, no Markdown, no HTML.
 * @param most characters that are kept
 */
export function plain(text: string, most = LINE): string {
  return shorten(withoutUnseen(text).replace(/\s+/g, ' '), most)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~#!$@:+=^-]/g, (mark) => (NEEDS_ENTITY.has(mark) ? `&#${mark.charCodeAt(0)};` : `\\${mark}`))
    .replace(/^( ?\d{1,9})([.)])(?=\s|$)/, '$1\\$2') // a list
    .replace(/www\./gi, (begin) => `${begin.slice(0, 3)}&#46;`); // a link
}

/** What a backslash does not keep from being a link, a mention, an emoji or mathematics. */
const NEEDS_ENTITY = new Set(['@', ':', '$']);

/** Text of unknown origin as code inside of a line. */
export function code(text: string): string {
  return `\`${shorten(withoutUnseen(text).replace(/[`|\s]/g, ' ')) || ' '}\``;
}

/** Text of unknown origin as a block: the fence is longer than any run of backticks inside. */
export function block(lines: string[], language = 'text'): string {
  const body = lines.map((line) => shorten(withoutUnseen(line))).join('\n');
  return fenced(body, language);
}

/** A block of a text that is kept whole. */
export function fenced(body: string, language: string): string {
  const longest = (body.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${body}\n${fence}`;
}

/** A table; cells are Markdown already. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** What is shown when its title is clicked. */
export function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

/** https://docs.github.com/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#alerts */
export function alert(kind: 'WARNING' | 'CAUTION' | 'NOTE', lines: string[]): string {
  return [`> [!${kind}]`, ...lines.map((line) => `> ${line}`)].join('\n');
}

/** Text in a Mermaid diagram: what may have a meaning there is written as a number, and so is the first character. */
export function inDiagram(text: string): string {
  const shown = shorten(withoutUnseen(text).replace(/\s+/g, ' ').trim()) || 'unnamed';
  return Array.from(shown)
    .map((char, at) => (at > 0 && /[\w .()-]/.test(char) ? char : `#${char.codePointAt(0) ?? 0};`))
    .join('');
}

/** A whole number with separators. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** No half of a character at its end. */
function shorten(line: string, most = LINE): string {
  return line.length > most ? `${line.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : line;
}
