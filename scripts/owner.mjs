// Whoever publishes this action writes their account into package.json ("repository"), the one place for it, and runs this:
// examples, docs and templates then name it, too. The code does not name it: it asks the runner.
// Usage: node scripts/owner.mjs [--check]   (--check: fails if a file names another one)
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** owner/name of the action, as somebody writes it: after a blank, a quote, github: or github.com/. */
const NAMED = /(?<=^|[\s'"`(=]|github:|github\.com\/)[\w.-]+\/maas-e2e-action(?![\w-])/gm;
/** What has it only to test with, or is made of the rest. */
const NOT_SAID = /^(__tests__|dist|e2e\/screenshots)\/|^(CHANGELOG\.md|package\.json)$|\.png$/;

/** owner/name by package.json. */
export function repository() {
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return repository.replace(/^github:/, '');
}

/** Which repositories each tracked file names this action by: path and names. */
export function whoSays() {
  const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return paths
    .split('\n')
    .filter((path) => path && !NOT_SAID.test(path))
    .map((path) => ({ path, names: [...(read(path).match(NAMED) ?? [])] }))
    .filter(({ names }) => names.length);
}

function read(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return ''; // deleted, and not committed yet
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wrong = whoSays().filter(({ names }) => names.some((name) => name !== repository()));
  const isCheck = process.argv.includes('--check');
  for (const { path } of wrong) {
    console.log(`${path} ${isCheck ? 'names another repository' : 'is changed'}`);
    if (!isCheck) writeFileSync(join(root, path), read(path).replace(NAMED, repository()));
  }
  process.exitCode = isCheck && wrong.length ? 1 : 0;
}
