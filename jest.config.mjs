const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      // The build's own .swcrc leaves specifications out.
      swcrc: false,
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
        keepClassNames: true,
      },
      module: { type: 'es6' },
    },
  ],
};

const shared = {
  transform,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

/** Specifications of the data plane, which `node:http` alone must serve as well. */
const DATA_PLANE = 'aborts,bad-input,dialogue-endpoints,endpoints,limits,quota,streaming,upstream-faults';

/**
 * Pure logic beside its specification (`unit`); real processes and sockets under test/ (`e2e`); those of the data plane once
 * more with MAAS_PLAIN_HTTP=off (`node-http`).
 */
export default {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/apps/**/*.spec.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'node-http',
      testMatch: [`<rootDir>/test/{${DATA_PLANE}}.spec.ts`],
      globals: { MAAS_PLAIN_HTTP: 'off' },
    },
  ],
  maxWorkers: 2,
  testTimeout: 60_000,
};
