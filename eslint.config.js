import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** A connection that is made elsewhere has neither the bounds nor the proxies of adapters/http.ts. */
const connections = ['node:http', 'node:https', 'node:http2', 'node:tls', 'undici', '@actions/http-client'];
const ONE_HTTP =
  'All HTTP goes through src/adapters/http.ts: undici ends the process where a peer closes (undici#5360).';

/** Effects have one door: only the adapters may open it. */
const effects = [
  '@actions/*',
  'openai',
  'undici',
  'node:child_process',
  'node:fs',
  'node:fs/*',
  'node:http',
  'node:https',
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'build/', 'coverage/'] },
  {
    files: ['src/**/*.ts', '__tests__/**/*.ts', 'e2e/**/*.ts', '*.config.ts'],
    extends: [eslint.configs.recommended, ...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/adapters/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: effects, message: 'Effects belong into src/adapters/, behind a port.' }] },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: [
      'src/adapters/**',
      'src/main.ts',
      'src/post.ts',
      'src/check-stack.ts',
      'src/load-service.ts',
      'src/extractive-service.ts',
      'src/index.ts', // hands out what the bench asks with
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: effects, message: 'Effects belong into src/adapters/, behind a port.' },
            { group: ['**/adapters/*'], message: 'Only the composition roots wire adapters.' },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'The environment is read once, in the composition roots and adapters.' },
        { name: 'fetch', message: 'Use a port.' },
      ],
    },
  },
  {
    files: ['src/adapters/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...['fetch', 'WebSocket'].map((name) => ({ name, message: ONE_HTTP }))],
    },
  },
  {
    // a server is none of them, and undici's WebSocket is the one that Node 20 has
    files: ['src/adapters/**/*.ts'],
    ignores: ['src/adapters/http*.ts', 'src/adapters/serve.ts', 'src/adapters/web.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: connections, message: ONE_HTTP }] }] },
  },
  {
    files: ['src/adapters/web.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: 'undici', allowImportNames: ['Agent', 'buildConnector', 'WebSocket'], message: ONE_HTTP }],
          patterns: [{ group: connections.filter((name) => name !== 'undici'), message: ONE_HTTP }],
        },
      ],
    },
  },
  {
    files: ['__tests__/**/*.ts', 'e2e/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.mjs', '*.js'],
    extends: [eslint.configs.recommended],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        URL: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
      },
    },
  },
);
