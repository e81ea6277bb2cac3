// Markdown as GitHub reads it: GFM and emoji shortcodes, raw HTML let through and then sanitized, alerts last, since their classes
// would not pass the sanitizer.
import rehypeRaw from 'rehype-raw';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import rehypeStringify from 'rehype-stringify';
import { rehypeGithubAlerts } from 'rehype-github-alerts';
import remarkGemoji from 'remark-gemoji';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';

const processor = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkGemoji)
  .use(remarkRehype, { allowDangerousHtml: true })
  .use(rehypeRaw)
  // the default schema is GitHub's
  .use(rehypeSanitize, defaultSchema)
  .use(rehypeGithubAlerts)
  .use(rehypeStringify)
  .freeze();

/** The body of a page, sanitized; mermaid fences are still code. Pure. */
export async function renderHtml(markdown) {
  return String(await processor.process(markdown));
}
