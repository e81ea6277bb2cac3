// The protections of the key, each taken out of a copy of the sources: an audit that does not notice is worth nothing.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../runner.mjs';

/** What is switched off, by which edits of src/ (nothing may be left unused: the build refuses that), the runs that should notice, and the channels in which they must. */
export const SABOTAGES = [
  {
    name: 'redactor',
    what: 'the redactor leaves every text as it is',
    edits: [['secrets/redact.ts', 'createSecretFinder(values)', 'createSecretFinder([])']],
    runs: ['red', 'refused'],
    channels: ['log', 'summary', 'files', 'errors', 'diagnostics'],
  },
  {
    name: 'escapes',
    what: 'the redactor undoes no escapes and reads no dumps',
    edits: [
      ['secrets/key-finder.ts', '...regionsOf(text).flatMap(', '...regionsOf(text).slice(Infinity).flatMap('],
      ['secrets/views.ts', 'numbersIn(written, text.codes)),', 'numbersIn(written, text.codes)).slice(9),'],
    ],
    runs: ['red', 'refused, UUID'],
    channels: ['log', 'diagnostics'],
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
    edits: [
      [
        'adapters/openai.ts',
        'const answer = await askAsFetch(url, init, MOST_ANSWER);',
        `let answer = await askAsFetch(url, init, MOST_ANSWER);
  for (let to; (to = answer.headers.get('location')) !== null; ) answer = await askAsFetch(to, init, MOST_ANSWER);`,
      ],
    ],
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
        '    only(env, (name) => CHILD_VARIABLES.test(name) || true),\n    secrets.slice(9),\n  ).kept',
      ],
    ],
    runs: ['refused'],
    channels: ['environment'],
  },
];

/** @throws for edits that cannot be made, with all of them: a source has changed since */
export function assertFits(sabotages) {
  const stale = sabotages.flatMap(({ name, edits }) =>
    edits.flatMap(([file, from]) => {
      const path = join(root, 'src', file);
      if (!existsSync(path)) return [`without ${name}: there is no src/${file}`];
      const times = readFileSync(path, 'utf8').split(from).length - 1;
      return times === 1 ? [] : [`without ${name}: src/${file} holds it ${times} times: ${from}`];
    }),
  );
  if (stale.length) throw new Error(`sabotages that the sources have outgrown:\n${stale.join('\n')}`);
}

/** Builds the bundle of a sabotage whose edits fit; gives its folder. */
export function buildWithout({ name, edits }, scratch) {
  const copy = join(scratch, `without-${name}`);
  mkdirSync(copy);
  for (const part of ['src', 'scripts', 'tsconfig.json', 'package.json', 'action.yml'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const [file, from, to] of edits) {
    const path = join(copy, 'src', file);
    const edited = readFileSync(path, 'utf8').replace(from, () => to);
    writeFileSync(path, edited);
  }
  const dist = join(copy, 'dist');
  execFileSync(process.execPath, [join(copy, 'scripts', 'build.mjs'), dist], { cwd: copy, stdio: 'inherit' });
  return dist;
}
