// Builds dist/: one bundle for both steps, and the two entries that action.yml names.
// Usage: node scripts/build.mjs [FOLDER]   (default dist)
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = process.argv[2] ?? join(root, 'dist');
const fresh = `${out}.new`; // a build that fails leaves the last one as it is
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
const ncc = join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
const options = ['--out', fresh, '--no-cache', '--quiet', '--license', 'licenses.txt'];
execFileSync(process.execPath, [ncc, 'build', join(root, 'src', 'index.ts'), ...options], {
  cwd: root,
  stdio: 'inherit',
});
for (const step of ['main', 'post']) {
  writeFileSync(join(fresh, `${step}.js`), `import { ${step} } from './index.js';\n\nawait ${step}();\n`);
}
rmSync(out, { recursive: true, force: true });
renameSync(fresh, out);
