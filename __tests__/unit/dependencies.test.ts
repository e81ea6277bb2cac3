import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(path, 'utf8');

/** Packages of the bundle, as ncc lists them with their licences: a name, then the licence's own. */
function bundled(): string[] {
  return [
    ...read('dist/licenses.txt').matchAll(/^((?:@[\w-]+\/)?[\w-]+)\r?\n(?:MIT|ISC|Apache-2\.0|BSD-\d-Clause)\r?\n/gm),
  ].map(([, name = '']) => name);
}

function documented(): { name: string; version: string }[] {
  return [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` +\| (\S+) +\|/gm)].map(
    ([, name = '', version = '']) => ({ name, version }),
  );
}

describe('docs/dependencies.md', () => {
  it('lists the packages of the bundle, and no other', () => {
    expect(
      documented()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(bundled().sort());
  });

  it('names the versions that are installed', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { version: string }> };
    const installed = documented().map(({ name }) => ({ name, version: packages[`node_modules/${name}`]?.version }));
    expect(documented()).toEqual(installed);
  });

  it('is right about install scripts: no package has one', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { hasInstallScript?: boolean; dev?: boolean }>;
    };
    const scripted = Object.entries(packages).filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev);
    expect(scripted).toEqual([]);
  });
});
