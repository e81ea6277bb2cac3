import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsIn, linksIn, slugOf, type Link } from '../helpers/markdown.js';
import { filesOfRepository } from '../helpers/workflows.js';

const pages = filesOfRepository('*.md');

describe('links', () => {
  it('are looked at in all pages', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'SECURITY.md', 'docs/wiring.md']));
  });

  it.each(pages)('of %s lead to what is there', (file) => {
    expect(brokenIn(file, readFileSync(file, 'utf8'))).toEqual([]);
  });
});

/** Links of a page that lead nowhere, each with file and line. */
function brokenIn(file: string, markdown: string): string[] {
  return linksIn(markdown).flatMap((link) => {
    const why = brokenBecause(file, markdown, link);
    return why ? [`${file}:${link.line}: ${link.target}: ${why}`] : [];
  });
}

/** Why a link leads nowhere; undefined where it leads somewhere, or out of the repository. */
function brokenBecause(file: string, markdown: string, { target }: Link): string | undefined {
  if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) return undefined;
  const [path = '', anchor] = decodeURIComponent(target).split('#');
  const place = path.startsWith('/') ? path.slice(1) : join(dirname(file), path);
  const found = path ? relative('.', resolve(place)) : file;
  if (found.startsWith('..')) return 'it leaves the repository';
  if (path && !existsSync(resolve(found))) return `there is no ${found}`;
  if (anchor === undefined) return path ? undefined : 'it is empty';
  const text = path ? textOf(found) : markdown;
  if (!found.endsWith('.md')) return hasLine(text, anchor) ? undefined : `${found} has no line ${anchor}`;
  return anchorsIn(text).has(anchor) ? undefined : `${found} has no heading of that name`;
}

function textOf(path: string): string {
  return /\.\w+$/.test(path) ? readFileSync(path, 'utf8') : '';
}

/** `#L7` and `#L7-L9`. */
function hasLine(text: string, anchor: string): boolean {
  const [, first, last = first] = /^L(\d+)(?:-L(\d+))?$/.exec(anchor) ?? [];
  return first !== undefined && Number(first) >= 1 && Number(last) <= text.split('\n').length;
}

describe('a link that leads nowhere is told with file and line', () => {
  it.each([
    ['[a](nowhere.md)', 'docs/nowhere.md'],
    ['[a](../nowhere "title")', 'there is no nowhere'],
    ['[![a](nowhere.png)](wiring.md)', 'docs/nowhere.png'],
    ['[a](<no where.md>)', 'docs/no where.md'],
    ['[a](no%20where.md)', 'docs/no where.md'],
    ['<img alt="a" src="nowhere.svg">', 'docs/nowhere.svg'],
    ['[a]: nowhere.md', 'docs/nowhere.md'],
    ['[a](#nowhere)', 'docs/page.md has no heading'],
    ['[a](wiring.md#nowhere)', 'docs/wiring.md has no heading'],
    ['[a](../package.json#L99999)', 'package.json has no line'],
    ['[a](../../elsewhere.md)', 'leaves the repository'],
    ['[a]()', 'empty'],
  ])('%s', (text, why) => {
    const [problem, ...others] = brokenIn('docs/page.md', `# A page\n\n${text}\n`);
    expect(problem).toMatch(/^docs\/page\.md:3: /);
    expect(problem).toContain(why);
    expect(others).toEqual([]);
  });
});

describe('a link that is none, or leads somewhere', () => {
  it.each([
    '[a](https://example.com/nowhere.md), <https://example.com>, [b](mailto:a@example.com)',
    '`[a](nowhere.md)`, ``[a](nowhere.md) ` ``',
    '```\n[a](nowhere.md)\n```',
    '<!-- [a](nowhere.md)\n[b](nowhere.md) -->',
    '[a](wiring.md#placeholders), [b](/docs/wiring.md), [c](../examples), [d](../package.json#L1-L2)',
    '[a](#a-page)',
  ])('%s', (text) => {
    expect(brokenIn('docs/page.md', `# A page\n\n${text}\n`)).toEqual([]);
  });
});

describe('anchors', () => {
  it.each([
    ['What each check proves', 'what-each-check-proves'],
    ["The consumer's own tests: `test-command`", 'the-consumers-own-tests-test-command'],
    ['A / B & C', 'a--b--c'],
    ['`when-no-key` and _this_', 'when-no-key-and-this'],
    ['snake_case of `a_b`', 'snake_case-of-a_b'],
    ['[Kind](https://kind.sigs.k8s.io/) 1.2', 'kind-12'],
    ['Größe – 24 €', 'größe--24-'],
  ])('%s', (heading, slug) => {
    expect(slugOf(heading)).toBe(slug);
  });

  it('are numbered where headings repeat, and are none in code', () => {
    const page = '# A\n## A ##\nB\n---\n```\n# C\n```\n| D |\n| --- |\n<a id="e"></a>\n### A\n';
    expect([...anchorsIn(page)]).toEqual(['a', 'a-1', 'b', 'a-2', 'e']);
  });
});
