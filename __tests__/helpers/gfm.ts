import { micromark, type Options } from 'micromark';
import { expect } from 'vitest';

import { gfm, gfmHtml } from 'micromark-extension-gfm';

/** Raw HTML as it stands: GitHub takes some tags out, and a test must see them. */
const RAW: NonNullable<Options['htmlExtensions']>[number] = {
  exit: {
    htmlFlowData(token) {
      this.raw(this.sliceSerialize(token));
    },
    htmlTextData(token) {
      this.raw(this.sliceSerialize(token));
    },
  },
};

/** What GitHub's Markdown makes of a page, with HTML and links of any kind let through. */
export function htmlOf(markdown: string): string {
  return micromark(markdown, {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml(), RAW],
  });
}

/** Every tag of a page, with its attributes, in order: two pages with the same are built alike, whatever they say. */
export function tagsOf(markdown: string): string[] {
  return [...htmlOf(markdown).matchAll(/<[^>]*>/g)].map(([tag]) => tag);
}

/** How often each element begins. */
export function elementsOf(markdown: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const tag of tagsOf(markdown)) {
    const [, name] = /^<(\w+)/.exec(tag) ?? [];
    if (name) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Contents of the code blocks of a language, as a reader gets them. */
export function codeBlocks(markdown: string, language: string): string[] {
  const found = htmlOf(markdown).matchAll(/<pre><code class="language-(\w+)">([^<]*)<\/code><\/pre>/g);
  return [...found].filter(([, its]) => its === language).map(([, , body = '']) => unescaped(body).trimEnd());
}

/** Rows of all tables, each with the text of its cells, in plain spaces; the heads are among them. */
export function rowsOf(markdown: string): string[][] {
  return [...htmlOf(markdown).matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd]>([^]*?)<\/t[hd]>/g)].map(([, cell = '']) =>
      unescaped(cell.replace(/<[^>]*>/g, '')).replaceAll('\u00a0', ' '),
    ),
  );
}

/** The text of a page as a reader sees it. */
export function textOf(markdown: string): string {
  return unescaped(htmlOf(markdown).replace(/<[^>]*>/g, ''));
}

const NAMED: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&' };

function unescaped(html: string): string {
  return html.replace(/&(lt|gt|quot|amp);/g, (_, name: string) => NAMED[name] ?? '');
}

/** Expects parts of a text, one after the other. */
export function inOrder(text: string, ...parts: string[]): void {
  const places = parts.map((part) => text.indexOf(part));
  expect(parts.filter((_, at) => places[at] === -1)).toEqual([]);
  expect(places).toEqual([...places].sort((a, b) => a - b));
}
