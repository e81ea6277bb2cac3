// The page around a summary, and what runs in it.
/* global document, mermaid */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const fileOf = (specifier) => fileURLToPath(import.meta.resolve(specifier));

/** One file with all of mermaid in it: the page needs nothing else. */
export const MERMAID = fileOf('mermaid/dist/mermaid.min.js');
const GITHUB_CSS = await readFile(fileOf('github-markdown-css/github-markdown-light.css'), 'utf8');

const FONTS = '-apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif';
/** GitHub's box around the summary of a job; lengths and colours are those of its page. */
const BOX_CSS = `
  body { margin: 0; background: #fff; }
  .box { border: 1px solid #d1d9e0; border-radius: 6px; font-family: ${FONTS}; }
  .box > header { padding: 16px; border-bottom: 1px solid #d1d9e0; font-size: 14px; font-weight: 600; }
  .box > main { padding: 24px 32px; }
  .box > footer { padding: 0 32px 16px; color: #59636e; font-size: 12px; }
  .diagram { margin-bottom: 16px; text-align: center; }
`;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The whole page: `body` is HTML that is sanitized already, `title` is text. */
export function pageOf(title, body) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><style>${GITHUB_CSS}${BOX_CSS}</style></head><body>
<div class="box"><header>${escaped(title)}</header><main class="markdown-body">${body}</main>
<footer>Job summary generated at run-time</footer></div></body></html>`;
}

/**
 * Runs in the page: a diagram in the place of each mermaid fence. Rejects with mermaid's own words where it does not understand
 * one; for a text that is too long mermaid draws a diagram that says so, without an error.
 */
export async function drawDiagrams() {
  mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', suppressErrorRendering: true });
  for (const [index, code] of document.querySelectorAll('main pre > code.language-mermaid').entries()) {
    const diagram = document.createElement('div');
    diagram.className = 'diagram';
    const text = code.textContent;
    code.parentElement.replaceWith(diagram);
    const { svg } = await mermaid.render(`diagram-${index}`, text, diagram);
    if (svg.includes('Maximum text size in diagram exceeded'))
      throw new Error(`${text.length} characters are too many`);
    diagram.innerHTML = svg;
  }
}
