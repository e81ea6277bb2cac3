// The protections of the key, each taken out of a copy of the sources: an audit that does not notice is worth nothing.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../runner.mjs';

/** What is switched off, by which edits of src/, the runs that should notice, and the channels in which they must. */
export const SABOTAGES = [
  {
    name: 'redactor',
    what: 'the redactor leaves every text as it is',
    edits: [['secrets/redact.ts', 'createSecretFinder(values)', 'createSecretFinder([])']],
    runs: ['red', 'refused'],
    channels: ['log', 'summary', 'files', 'errors', 'diagnostics'],
  },
  {
    name: 'mask',
    what: 'the runner is not told to mask the key',
    edits: [['adapters/runner.ts', 'if (isRunner(process.env)) core', 'if (isRunner({})) core']],
    runs: ['refused'],
    channels: ['log'],
  },
  {
    name: 'mode',
    what: 'files are written for everybody to read',
    edits: [['adapters/files.ts', '{ mode: 0o600, flag: NO_LINK }', '{ mode: 0o644, flag: NO_LINK }']],
    runs: ['refused'],
    channels: ['files'],
  },
  {
    name: 'redirect',
    what: 'redirects of the model service are followed',
    // fetch itself drops Authorization on the way to another origin: that anything arrives there is the finding
    edits: [['adapters/openai.ts', "redirect: 'manual'", "redirect: 'follow'"]],
    runs: ['redirected', 'redirected, by proxy'],
    channels: ['network'],
  },
  {
    name: 'environment',
    what: 'children get the whole environment, with the input in it',
    edits: [
      ['adapters/host.ts', "  delete process.env['INPUT_API-KEY'];\n", ''],
      [
        'adapters/host.ts',
        '    only(env, (name) => CHILD_VARIABLES.test(name)),\n    secrets,\n  ).kept',
        '    only(env, () => true),\n    [],\n  ).kept',
      ],
    ],
    runs: ['refused'],
    channels: ['environment'],
  },
];

/** Builds the bundle of a sabotage; gives its folder. @throws where a text to replace is not there once */
export function buildWithout({ name, edits }, scratch) {
  const copy = join(scratch, `without-${name}`);
  mkdirSync(copy);
  for (const part of ['src', 'scripts', 'tsconfig.json', 'package.json', 'action.yml'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const [file, from, to] of edits) {
    const path = join(copy, 'src', file);
    const source = readFileSync(path, 'utf8');
    if (source.split(from).length !== 2) throw new Error(`without ${name}: src/${file} does not hold it once: ${from}`);
    writeFileSync(
      path,
      source.replace(from, () => to),
    );
  }
  const dist = join(copy, 'dist');
  execFileSync(process.execPath, [join(copy, 'scripts', 'build.mjs'), dist], { cwd: copy, stdio: 'inherit' });
  return dist;
}
