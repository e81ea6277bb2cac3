// Writes what README says of inputs, outputs and checks from action.yml and src/, between its markers.
// Usage: node scripts/docs.mjs [--check]   (--check: fails where README is not what it would write)
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const action = parse(readFileSync(join(root, 'action.yml'), 'utf8'));

const cell = (text) => String(text).replaceAll('|', '\\|');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

function inputs() {
  const rows = Object.entries(action.inputs).map(([name, { description, default: fallback, required }]) => [
    `\`${name}\``,
    description,
    required ? 'required' : fallback ? `\`${fallback}\`` : '',
  ]);
  return table(['input', 'what it is', 'default'], rows);
}

const outputs = () =>
  table(
    ['output', 'what it is'],
    Object.entries(action.outputs).map(([name, { description }]) => [`\`${name}\``, description]),
  );

/** Name, hop and proof of a check, as its file declares them; in the order of the suite. */
function checks() {
  const folder = join(root, 'src', 'assert', 'checks');
  const suite = readFileSync(join(root, 'src', 'assert', 'suite.ts'), 'utf8');
  const found = readdirSync(folder).map((file) => {
    const source = readFileSync(join(folder, file), 'utf8');
    const field = (name) =>
      new RegExp(`^  ${name}:\\s*(?:'([^']*)'|"([^"]*)")`, 'm').exec(source)?.slice(1).find(Boolean) ?? '';
    const constant = /export const (\w+): Check/.exec(source)?.[1] ?? '';
    return { row: [`\`${field('name')}\``, field('hop'), field('proves')], at: suite.lastIndexOf(constant) };
  });
  return table(
    ['check', 'hop', 'a pass proves'],
    found.sort((a, b) => a.at - b.at).map(({ row }) => row),
  );
}

function fill(text, name, content) {
  const pattern = new RegExp(`(<!-- ${name}: made by npm run docs -->)[^]*?(<!-- /${name} -->)`);
  if (!pattern.test(text)) throw new Error(`README.md has no markers for ${name}`);
  return text.replace(pattern, (_, begin, end) => `${begin}\n\n${content}\n\n${end}`);
}

const path = join(root, 'README.md');
const before = readFileSync(path, 'utf8');
const after = [
  ['inputs', inputs()],
  ['outputs', outputs()],
  ['checks', checks()],
].reduce((text, [name, content]) => fill(text, name, content), before);

if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error('README.md is not in step with action.yml and src/assert: run npm run docs');
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, after);
}
