// Builds dist/: one bundle for both steps, and the two entries that action.yml names.
// Usage: node scripts/build.mjs [FOLDER]   (default dist)
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = process.argv[2] ?? join(root, 'dist');
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const ncc = join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
execFileSync(
  process.execPath,
  [ncc, 'build', join(root, 'src', 'index.ts'), '--out', out, '--no-cache', '--quiet', '--license', 'licenses.txt'],
  { cwd: root, stdio: 'inherit' },
);
for (const step of ['main', 'post']) {
  writeFileSync(join(out, `${step}.js`), `import { ${step} } from './index.js';\n\nawait ${step}();\n`);
}
