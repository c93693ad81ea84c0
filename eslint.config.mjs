import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const processEnv = {
  properties: ['error', { object: 'process', property: 'env', message: 'Only platform/config reads the environment.' }],
  imports: [
    'error',
    { paths: [{ name: 'node:process', importNames: ['env'], message: 'Only platform/config reads the environment.' }] },
  ],
};

/** Where the environment is read or handed on: the one schema, separate programs, and what starts them. */
const READS_ENVIRONMENT = [
  'apps/gateway/src/platform/config/**',
  'apps/simulator/src/**',
  'test/**',
  'bench/**',
  'scripts/**',
  '*.config.*',
  '**/*.spec.ts',
];

/** Programs that speak to a terminal; the gateway itself speaks through its log. */
const WRITES_TO_TERMINAL = ['**/main.ts', '**/*.cli.ts', 'test/**', 'bench/**', 'scripts/**'];

export default defineConfig(
  globalIgnores(['dist/', '.data/', 'apps/gateway/src/platform/database/generated/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A rejected promise that nobody holds ends the process, or hides a request that was never settled.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      // A new outcome or unit must be thought of wherever the old ones are told apart.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      // Inline, so that a class that Nest injects keeps its value import; files with decorators are left alone by
      // the rule itself, since emitDecoratorMetadata needs what a type import would erase.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': 'allow-with-description', minimumDescriptionLength: 10 },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true, caughtErrors: 'all' },
      ],
      // An async method without await keeps an interface's promise, and turns a throw into a rejection.
      '@typescript-eslint/require-await': 'off',
      // Nest finds its classes by their decorators, however empty they are.
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-console': 'error',
      'no-restricted-properties': processEnv.properties,
      'no-restricted-imports': processEnv.imports,
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
    },
  },
  { files: READS_ENVIRONMENT, rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' } },
  { files: WRITES_TO_TERMINAL, rules: { 'no-console': 'off' } },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      // What came over the wire has no type; a test asserts its shape instead.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        URL: 'readonly',
        module: 'writable',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        Buffer: 'readonly',
        AbortSignal: 'readonly',
        performance: 'readonly',
      },
    },
  },
  prettier,
);
