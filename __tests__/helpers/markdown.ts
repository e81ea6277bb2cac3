/** A line of a page, with what a reader of Markdown makes of it. */
interface Line {
  text: string;
  /** From 1. */
  number: number;
  /** Inside a fence, or one of its two ends. */
  code: boolean;
}

/** The content of a fence. */
export interface Fence {
  /** Its info string, such as yaml; lower case. */
  language: string;
  /** Of its first line in the page, from 1. */
  line: number;
  text: string;
}

interface Open {
  mark: string;
  language: string;
  line: number;
  content: string[];
}

/** https://spec.commonmark.org/0.31.2/#fenced-code-blocks, also in lists. */
const OPENS = /^\s*(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/;

function read(markdown: string): { lines: Line[]; fences: Fence[] } {
  const lines: Line[] = [];
  const fences: Fence[] = [];
  let open: Open | undefined;
  for (const [at, text] of markdown.split(/\r?\n/).entries()) {
    lines.push({ text, number: at + 1, code: open !== undefined || OPENS.test(text) });
    if (!open) {
      const [, mark, language = ''] = OPENS.exec(text) ?? [];
      if (mark) open = { mark, language: language.toLowerCase(), line: at + 2, content: [] };
    } else if (isEndOf(open, text)) {
      const { language, line, content } = open;
      fences.push({ language, line, text: content.join('\n') });
      open = undefined;
    } else {
      open.content.push(text);
    }
  }
  if (open) throw new Error(`the fence that line ${open.line - 1} opens has no end`);
  return { lines, fences };
}

function isEndOf({ mark }: Open, line: string): boolean {
  const text = line.trim();
  return text.length >= mark.length && text === mark.charAt(0).repeat(text.length);
}

/** @throws where one has no end */
export function fencesIn(markdown: string): Fence[] {
  return read(markdown).fences;
}

export interface Link {
  target: string;
  line: number;
}

/** `[text](target "title")`, with or without an image inside; `[label]: target`; HTML's href and src. */
const LINKS = [
  /\]\(\s*(?:<([^<>]*)>|((?:[^\s()]|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)/g,
  /^ {0,3}\[[^\]^][^\]]*\]:\s*<?([^\s>]+)/g,
  /<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)="([^"]*)"/g,
];

/** Links and images of a page, but for those in code. */
export function linksIn(markdown: string): Link[] {
  return prose(markdown).flatMap(({ text, number }) =>
    LINKS.flatMap((pattern) => [...text.matchAll(pattern)]).map(([, first, second]) => ({
      target: first ?? second ?? '',
      line: number,
    })),
  );
}

/** Lines without fences, code spans and comments, at their places. */
function prose(markdown: string): Line[] {
  return read(withoutComments(markdown))
    .lines.filter(({ code }) => !code)
    .map((line) => ({ ...line, text: line.text.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '') }));
}

/** The lines stay where they are. */
function withoutComments(markdown: string): string {
  return markdown.replace(/<!--[^]*?-->/g, (comment) => comment.replace(/[^\n]/g, ''));
}

/** What `#…` may name in a page: its headings, as GitHub names them, and the anchors that it has in HTML. */
export function anchorsIn(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const heading of headings(markdown)) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  for (const { text } of prose(markdown))
    for (const [, name = ''] of text.matchAll(/<[a-z]\w*\b[^>]*?\b(?:id|name)="([^"]*)"/g)) anchors.add(name);
  return anchors;
}

function headings(markdown: string): string[] {
  const lines = read(withoutComments(markdown)).lines.filter(({ code }) => !code);
  return lines.flatMap(({ text }, at) => {
    const atx = /^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/.exec(text);
    if (atx) return atx[1] ?? '';
    const isUnderlined = /^ {0,3}(=+|-+)[ \t]*$/.test(lines[at + 1]?.text ?? '');
    return isUnderlined && /^ {0,3}[^\s|>#-]/.test(text) ? text.trim() : [];
  });
}

/**
 * The anchor of a heading: its text without markup, in lower case, without punctuation, with hyphens for spaces.
 * https://docs.github.com/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links
 */
export function slugOf(heading: string): string {
  return heading
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(/<[^>]*>/g, '')
    .replace(/(?<![\p{L}\p{N}`])_([^_`]+)_(?![\p{L}\p{N}`])/gu, '$1')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');
}
