// Writes what README, docs/checks.md and docs/errors.md say of inputs, outputs, checks and errors from action.yml and src/,
// between their markers.
// Usage: node scripts/docs.mjs [--check]   (--check: fails where one is not what it would write)
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

/** The checks, as their files declare them, in the order of the suite. */
function checks() {
  const folder = join(root, 'src', 'assert', 'checks');
  const suite = readFileSync(join(root, 'src', 'assert', 'suite.ts'), 'utf8');
  const found = readdirSync(folder).map((file) => {
    const source = readFileSync(join(folder, file), 'utf8');
    const text = (name) =>
      new RegExp(`^  ${name}:\\s*(?:'([^']*)'|"([^"]*)")`, 'm').exec(source)?.slice(1).find(Boolean) ?? '';
    const list = (name) => [
      ...(new RegExp(`^  ${name}: \\[(.*)\\]`, 'm').exec(source)?.[1] ?? '').matchAll(/'([^']*)'/g),
    ];
    const constant = /export const (\w+): Check/.exec(source)?.[1] ?? '';
    return {
      name: `\`${text('name')}\``,
      hop: text('hop'),
      proves: text('proves'),
      cannot: text('cannot'),
      needs: list('needs')
        .map(([, need]) => `\`${need}\``)
        .join(', '),
      basic: source.includes('asksModel: false') ? 'basic' : '',
      at: suite.search(new RegExp(`^(?:  |.*\\[)(?:.*, )?${constant}\\b`, 'm')),
    };
  });
  const unread = found.find(({ name, hop, proves, cannot, at }) => at < 0 || !name || !hop || !proves || !cannot);
  if (unread) throw new Error(`the check ${unread.name} is not in the suite, or one of its texts can not be read`);
  return found.sort((a, b) => a.at - b.at);
}

const checksInBrief = () =>
  table(
    ['check', 'hop', 'a pass proves'],
    checks().map(({ name, hop, proves }) => [name, hop, proves]),
  );

const checksInFull = () =>
  table(
    ['check', 'hop', 'needs', '', 'a pass proves', 'it can not prove'],
    checks().map(({ name, hop, needs, basic, proves, cannot }) => [name, hop, needs, basic, proves, cannot]),
  );

/** The error codes, as their list declares them. */
function errorCodes() {
  const source = readFileSync(join(root, 'src', 'error-codes.ts'), 'utf8');
  const text = String.raw`(?:'((?:[^'\\\\]|\\\\.)*)'|"([^"]*)")`;
  const entries = source.matchAll(new RegExp(String.raw`^ {2}(E_\w+): \[\s*${text},\s*${text},?\s*\],`, 'gm'));
  const rows = [...entries].map(([, code, means, meansToo, todo, todoToo]) => [
    `\`${code}\``,
    means ?? meansToo,
    todo ?? todoToo,
  ]);
  const declared = source.match(/^ {2}E_\w+:/gm).length;
  if (rows.length !== declared) throw new Error(`${declared - rows.length} error codes can not be read`);
  return table(['code', 'what it means', 'what you do'], rows);
}

function fill(text, name, content) {
  const pattern = new RegExp(`(<!-- ${name}: made by npm run docs -->)[^]*?(<!-- /${name} -->)`);
  if (!pattern.test(text)) throw new Error(`no markers for ${name}`);
  return text.replace(pattern, (_, begin, end) => `${begin}\n\n${content}\n\n${end}`);
}

const pages = {
  'README.md': { inputs: inputs(), outputs: outputs(), checks: checksInBrief() },
  'docs/checks.md': { checks: checksInFull() },
  'docs/errors.md': { errors: errorCodes() },
};

for (const [name, parts] of Object.entries(pages)) {
  const path = join(root, name);
  const before = readFileSync(path, 'utf8');
  const after = Object.entries(parts).reduce((text, [part, content]) => fill(text, part, content), before);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, after);
  } else if (after !== before) {
    console.error(`${name} is not in step with action.yml and src/: run npm run docs`);
    process.exitCode = 1;
  }
}
