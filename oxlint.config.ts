// Lint, and who may import whom. Run by `npm run lint` and by test/tidy/lint.test.ts.

interface Border {
  /** Packages of ours, without their scope. */
  readonly ours: readonly string[]
  /** Packages of others; `node` stands for Node's own modules. */
  readonly others: readonly string[]
  /** Folders beside it. */
  readonly not?: readonly string[]
  readonly why: string
}

/** The import table. A package that is not in its folder's row cannot be imported there. */
const BORDERS: Readonly<Record<string, Border>> = {
  'libs/contracts': {
    ours: [],
    others: ['typebox'],
    why: 'everything depends on it, so it depends on nothing',
  },
  'libs/inference': { ours: ['contracts'], others: [], why: 'it is pure and must run in a browser' },
  'libs/cache': {
    ours: ['contracts'],
    others: [],
    why: 'it keeps bytes and knows nothing of what is in them',
  },
  'libs/worlds': { ours: ['contracts', 'inference'], others: [], why: 'worlds are pure functions' },
  'libs/client': {
    ours: ['contracts'],
    others: [],
    why: 'a service carries it, so it has `fetch` and nothing else',
  },
  'libs/telemetry': {
    ours: ['contracts'],
    others: ['node', 'pino', 'pino-pretty', 'prom-client', '@opentelemetry'],
    why: 'it says what others did and does nothing itself',
  },
  'libs/threads': {
    ours: ['contracts'],
    others: ['node', 'koffi', 'piscina'],
    why: 'it runs a file on pinned threads and does not know what the file computes',
  },
  'libs/store': {
    ours: ['contracts'],
    others: ['node', 'ioredis'],
    why: 'it alone speaks to Redis, and does only that',
  },
  'libs/queue': {
    ours: ['contracts'],
    others: ['node', 'bullmq', '@bull-board/api'],
    why: 'it alone speaks to BullMQ, and does only that',
  },
  'apps/producer': {
    ours: ['contracts', 'inference', 'store', 'queue', 'telemetry'],
    others: ['node', 'typebox', 'fastify', 'reflect-metadata', '@nestjs', '@scalar', '@bull-board/fastify'],
    why: 'it validates, queues and answers; what computes stays in the worker',
  },
  // Inside of it: what is done does not know who asked for it, nor who watches.
  'apps/producer/src/batches': {
    ours: ['contracts', 'store', 'queue', 'telemetry'],
    others: [],
    not: ['steps', 'http', 'live', 'observe'],
    why: 'a batch is read the same way, whoever gathered it and whoever asks',
  },
  'apps/producer/src/steps': {
    ours: ['contracts', 'store', 'queue', 'telemetry'],
    others: ['node'],
    not: ['http', 'live', 'observe'],
    why: 'whoever hears of steps is told by `steps/observer.ts`, and can undo none of them',
  },
  'apps/producer/src/http': {
    ours: ['contracts', 'inference', 'store', 'telemetry'],
    others: ['node', 'fastify', 'reflect-metadata', '@nestjs', '@scalar'],
    not: ['live', 'observe'],
    why: 'a request is answered the same way, whoever watches',
  },
  'apps/producer/page': {
    ours: [],
    others: [],
    why: 'it runs in a browser, as it is: what it needs is in its folder',
  },
  'apps/worker': {
    ours: ['contracts', 'inference', 'cache', 'threads', 'store', 'queue', 'telemetry'],
    others: ['node', 'reflect-metadata', '@nestjs'],
    why: 'a worker takes jobs from the queue and speaks to no producer',
  },
  'apps/worker/src/thread': {
    ours: ['contracts', 'inference', 'cache', 'threads', 'telemetry/clock'],
    others: [],
    why: 'a compute thread only computes, and loads nothing else',
  },
  'apps/cli': {
    ours: [
      'client',
      'contracts',
      'inference',
      'inference/parts',
      'worlds',
      'store',
      'threads',
      'telemetry/settings',
    ],
    others: ['node'],
    why: 'it reaches producers and workers as processes, over HTTP',
  },
  examples: {
    ours: ['client', 'contracts'],
    others: ['node', 'bullmq', 'ioredis'],
    why: 'they show what a service needs: the SDK, or what a job by hand takes',
  },
  'examples/nest': {
    ours: ['client'],
    others: ['fastify', 'reflect-metadata', '@nestjs'],
    why: 'it is a service of somebody else, who has the SDK and Nest',
  },
  bench: {
    ours: ['cli', 'client', 'contracts', 'worlds', 'inference', 'threads'],
    others: ['node', '@cohort/threads/sync'],
    why: 'it measures whole systems from outside, as a service sees them, and their parts in folders beside it',
  },
  'bench/cache': {
    ours: ['contracts', 'inference', 'worlds', 'cache'],
    others: ['node'],
    why: 'it measures the matrix cache alone, with real models',
  },
  'bench/locks': {
    ours: ['contracts', 'cache', 'threads'],
    others: ['node', '@cohort/threads/sync'],
    why: 'it measures what threads share alone, without a system around it',
  },
  'bench/pool': {
    ours: ['contracts', 'inference', 'worlds', 'cache', 'threads'],
    others: ['node', '@cohort/worker/parts', '@cohort/threads/sync'],
    why: 'it measures a worker’s pool alone, without a queue or Redis',
  },
  'bench/seed': {
    ours: ['contracts', 'inference', 'threads'],
    others: ['node'],
    why: 'it measures swarms and peers, which other folders step',
  },
  'bench/steps': {
    ours: ['contracts', 'inference', 'worlds'],
    others: ['node', 'koffi', '@cohort/inference/parts'],
    why: 'it measures kernels alone, beside native code on the same memory',
  },
}
/** What tests may import beside what their folder may. */
const FOR_TESTS = ['node', 'fast-check']

const PURE = ['libs/contracts', 'libs/inference', 'libs/cache', 'libs/worlds']
/** Tests, and the folders of what only tests use. */
const TESTS = ['**/*.test.ts', '**/testing/**/*.ts', '**/integration/**/*.ts']

function restrictedImports(folder: string, border: Border, more: readonly string[]) {
  const ours = border.ours.map((name) => `@cohort/${name}`)
  const others = [...border.others, ...more].map((name) => (name === 'node' ? 'node:*' : name))
  const list = [...ours, ...others].join(', ') || 'nothing'
  const { not = [], why } = border
  const but = not.length === 0 ? '' : `, and nothing of ${not.join(', ')}`
  const message = `${folder} may import ${list}${but}: ${why}.`
  const allowed = [...ours, ...others.flatMap((name) => [name, `${name}/**`])].map((name) => `!${name}`)
  // A relative path into another package's sources goes round the table.
  const around = ['../**/src/**', ...not.map((beside) => `../**/${beside}/**`)]
  const group = ['*', '!./**', '!../**', ...allowed, ...around, 'node:process']
  return { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] }
}

const borders = Object.entries(BORDERS).flatMap(([folder, border]) => [
  { files: [`${folder}/**/*.ts`], rules: restrictedImports(folder, border, []) },
  { files: TESTS.map((files) => `${folder}/${files}`), rules: restrictedImports(folder, border, FOR_TESTS) },
])

const argument = 'is an argument in the pure libs, so that a replay is exact to the bit'
const purity = {
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: `Time ${argument}.` },
    { object: 'performance', property: 'now', message: `Time ${argument}.` },
    { object: 'Math', property: 'random', message: `Randomness ${argument}.` },
  ],
  'no-restricted-globals': [
    'error',
    { name: 'Date', message: `Time ${argument}.` },
    { name: 'performance', message: `Time ${argument}.` },
    { name: 'crypto', message: `Randomness ${argument}.` },
    { name: 'process', message: 'The pure libs run in a browser too.' },
    { name: 'Buffer', message: 'The pure libs run in a browser too: use Uint8Array.' },
  ],
}

export default {
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'node'],
  categories: { correctness: 'error' },
  ignorePatterns: ['**/assembly/**', '**/dist/**', '**/node_modules/**', '.cohort/**'],
  rules: {
    eqeqeq: 'error',
    'no-console': 'error',
    'no-empty': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'import/no-self-import': 'error',
    'node/no-process-env': 'error',
    'typescript/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
    'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
    'typescript/no-explicit-any': 'error',
    // `new Array<number>(n).fill(0)` says what it means.
    'unicorn/no-new-array': 'off',
  },
  overrides: [
    ...borders,
    { files: PURE.map((folder) => `${folder}/**/*.ts`), rules: purity },
    {
      files: TESTS,
      rules: {
        'no-restricted-properties': 'off',
        'no-restricted-globals': 'off',
        'node/no-process-env': 'off',
      },
    },
    // The one place of each app where the environment is read; what prepares, tests and measures a clone reads its own.
    {
      files: ['apps/*/src/config.ts', 'tools/**', 'test/**', 'bench/**'],
      rules: { 'node/no-process-env': 'off' },
    },
    { files: ['examples/**', 'test/**'], rules: { 'no-console': 'off' } },
    // Piscina runs what a thread's entry file exports by default; a tool's configuration is its default export.
    {
      files: [
        '**/thread/main.ts',
        '**/testing/*thread.ts',
        '**/measure/thread.ts',
        'bench/pool/*-thread.ts',
        '*.config.ts',
      ],
      rules: { 'import/no-default-export': 'off' },
    },
  ],
}
