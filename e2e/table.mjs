// Tables of what was measured, in Markdown.

/** Text of a program as a cell; addresses of the machine are left out. */
export const cell = (text) =>
  text
    .replace(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .replace(/http:\/\/[\d.]+(:\d+)?/g, 'http://model-service');

/** A page with these rows in the place of those with the same first cell. */
export function amended(page, rows) {
  const nameOf = (line) => /^\| (.*?) \|/.exec(line)?.[1];
  const fresh = new Map(rows.map((row) => [nameOf(row), row]));
  return page
    .split('\n')
    .map((line) => fresh.get(nameOf(line)) ?? line)
    .join('\n');
}
