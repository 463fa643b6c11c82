// The one way in: makes a fresh clone ready (Node, packages, build, Redis), then runs a task. Needs Node 20 or later.
//
//   node tools/bootstrap.mjs demo|cohort|test|test:long|bench|build|lint|format|docs [arguments of the task]
//
// All it has to say goes to standard error, a line a step; where nothing is to be done it says nothing.
// Nothing is installed outside of this folder (but `brew install redis` on macOS); with COHORT_NO_INSTALL=1, nothing.
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { lint, format } from './lint.mjs'
import { installPackages } from './packages.mjs'
import { goOnUnderPinnedNode, preferThisNode, runningNodeFits } from './pinned-node.mjs'
import { provideRedis } from './redis.mjs'
import { ROOT, Refusal, say } from './shell.mjs'

const CLI = 'apps/cli/dist/main.js'
/** Commands of the CLI that start a Redis server of their own. */
const EMBEDS_REDIS = new Set(['demo', 'up'])

/** Each task: whether it runs built code, whether it needs a Redis server, and how it starts. */
const TASKS = {
  demo: { built: true, redis: () => !process.env.REDIS_URL, start: (args) => run(CLI, ['demo', ...args]) },
  cohort: {
    built: true,
    redis: ([command]) => EMBEDS_REDIS.has(command) && !process.env.REDIS_URL,
    start: (args) => run(CLI, args),
  },
  // The tests start servers of their own: a REDIS_URL does not do.
  test: { built: true, redis: () => true, start: (args) => run('test/dist/run.js', args) },
  'test:long': {
    built: true,
    redis: () => true,
    start: (args) => run('test/dist/run.js', ['--long', ...args]),
  },
  bench: { built: true, redis: () => true, start: (args) => run('bench/dist/main.js', args) },
  docs: { built: true, redis: () => false, start: (args) => run('test/dist/tidy/write-reference.js', args) },
  build: { built: true, redis: () => false, start: async () => {} },
  lint: { built: false, redis: () => false, start: lint },
  format: { built: false, redis: () => false, start: format },
}

async function main([name = '', ...args]) {
  const task = TASKS[name]
  if (!task) throw new Refusal(`unknown task "${name}": one of ${Object.keys(TASKS).join(', ')}`)
  if (!runningNodeFits()) return goOnUnderPinnedNode([name, ...args])
  preferThisNode()
  await installPackages()
  if (task.built) await build()
  await provideRedis({ needed: task.redis(args), test: name.startsWith('test') })
  // The process that started this one under the pinned Node has died meanwhile: nobody waits for the task.
  if (process.connected === false) return
  await task.start(args)
}

/** Runs a built program in this very process: its exit code, its signals and its terminal are ours. */
async function run(file, args) {
  const entry = join(ROOT, file)
  process.argv = [process.execPath, entry, ...args]
  await import(pathToFileURL(entry).href)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  say(error.message)
  process.exitCode = 1
}
