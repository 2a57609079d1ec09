/**
 * The diagram of what may import what, and the rules of style.md that a tool can check.
 * The boundary rule reads Nx's project graph: run this through `npx nx run check:lint`, which builds the graph first.
 */
import nx from '@nx/eslint-plugin';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Each project, and the only projects of this workspace that it may import. */
const ARROWS = {
  'scope:study': [],
  'scope:data': ['scope:study'],
  'scope:models': ['scope:study'],
  'scope:search': ['scope:study'],
  'scope:storage': ['scope:study'],
  'app:api': ['scope:study', 'scope:data', 'scope:search', 'scope:storage', 'scope:models'],
  'app:trainer': ['scope:study', 'scope:data', 'scope:models'],
  'app:web': ['scope:study', 'scope:models'],
  'tool:launch': [],
  'tool:native': ['scope:study', 'scope:models', 'tool:launch'],
  'tool:check': ['scope:study'],
  'scope:benchmarks': ['scope:study', 'scope:data', 'scope:models', 'scope:search', 'scope:storage'],
  'scope:examples': ['scope:study', 'scope:data', 'scope:models', 'scope:search', 'scope:storage'],
};

/** Packages of npm that a project may import, where that is part of the design. */
const ONLY_PACKAGES = { 'scope:study': ['zod', 'yaml', 'vitest'] };
const LOADS_TENSORFLOW = [
  'scope:models',
  'app:trainer',
  'tool:launch',
  'tool:native',
  'scope:benchmarks',
  'scope:examples',
  'app:web',
];

const depConstraints = Object.entries(ARROWS).map(([sourceTag, onlyDependOnLibsWithTags]) => ({
  sourceTag,
  onlyDependOnLibsWithTags,
  ...(ONLY_PACKAGES[sourceTag] && { allowedExternalImports: ONLY_PACKAGES[sourceTag] }),
  ...(!LOADS_TENSORFLOW.includes(sourceTag) && { bannedExternalImports: ['@tensorflow/*'] }),
}));

const NO_TFJS_NODE = {
  group: ['@tensorflow/*', '!@tensorflow/tfjs-core'],
  message: 'Load it with loadTensorFlow() of @kinetune/models/native: it applies the settings that must come first.',
};
const NO_NODE = { group: ['node:*'], message: 'This code runs anywhere, a browser included.' };
const RUNS_ON_TENSORFLOW = {
  group: ['@tensorflow/*'],
  message: 'This code is arithmetic: it runs without TensorFlow.',
};

const TESTS = ['**/*.test.ts', '**/*.test.tsx', '**/testing/**', '**/test/**', '**/*.contract.ts'];

export default tseslint.config(
  { ignores: ['**/node_modules/', '**/dist/', '**/.next/', '**/*.generated.ts', '.nx/', '.kinetune/', 'coverage/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { '@nx': nx, 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ alwaysTryTypes: true })] },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { depConstraints, allow: [], banTransitiveDependencies: false }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-default-export': 'error',
      'no-restricted-imports': ['error', { patterns: [NO_TFJS_NODE] }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'List the exports by name: index.ts is public on purpose.' },
      ],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { disallowTypeAnnotations: false, fixStyle: 'separate-type-imports' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',

      // Indexing typed arrays and rows whose length was checked: `noUncheckedIndexedAccess` needs the mark.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `_` names what is kept only for its scope, as in `await using _lock`.
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    // Of libs/models, the API sees arithmetic only.
    files: ['apps/api/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^@kinetune/models(?!/catalogue$)',
              message:
                'apps/api may import @kinetune/models/catalogue only: TensorFlow is loaded by apps/trainer alone.',
            },
            NO_TFJS_NODE,
          ],
        },
      ],
    },
  },
  {
    files: ['apps/web/**'],
    rules: {
      'import-x/no-default-export': 'off', // Next.js finds pages by their default export.
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^@kinetune/models(?!/(catalogue|inference)$)',
              message:
                'apps/web may import @kinetune/models/catalogue and /inference only: the rest does not run in a browser.',
            },
            NO_TFJS_NODE,
          ],
        },
      ],
    },
  },
  {
    files: ['libs/study/src/**'],
    ignores: TESTS,
    rules: { 'no-restricted-imports': ['error', { patterns: [NO_NODE] }] },
  },
  {
    files: ['libs/models/src/catalogue/**'],
    ignores: TESTS,
    rules: { 'no-restricted-imports': ['error', { patterns: [NO_NODE, RUNS_ON_TENSORFLOW] }] },
  },
  {
    // tfjs types what an operation gives by assertion: `as Tensor3D` states a rank that its signatures leave open.
    files: ['libs/models/**', 'examples/**'],
    rules: { '@typescript-eslint/no-unnecessary-type-assertion': 'off' },
  },
  {
    // TensorFlow's generated protocol buffer classes carry no types.
    files: ['libs/models/src/engine/saved-model.ts', 'libs/models/src/engine/write-op-signatures.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // A list of names is as long as what it names.
    files: ['**/index.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    files: TESTS,
    rules: {
      'max-lines': ['error', { max: 600, skipBlankLines: true, skipComments: true }],
      // Tests hand over what is wrong on purpose.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
  {
    files: ['**/*.config.ts', '**/*.config.mjs'],
    rules: { 'import-x/no-default-export': 'off' },
  },
  {
    // Programs that people run talk to their terminal.
    files: ['benchmarks/**', 'examples/**', '**/testing/**', 'libs/models/src/engine/measure-overhead.ts'],
    rules: { 'no-console': 'off' },
  },
);
