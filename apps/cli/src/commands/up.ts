// `cohort up`: a producer and workers in the foreground, with a Redis of their own where none is given.
import { join, relative } from 'node:path'
import { type CliConfig, readConfig } from '../config.js'
import { integerFlag, parseFlags } from '../flags.js'
import { untilStopped } from '../stop-signal.js'
import { startSystem, type System, workersByDefault } from '../system.js'
import { plural } from '../view/words.js'

const HELP = `cohort up [flags] — a producer and workers, until Ctrl-C

Starts a Redis of its own unless REDIS_URL is given; its data stays in .cohort/data from run to run.

  --workers N   worker processes   one, or one for each memory node (NUMA)
  --verbose     the processes' logs on standard error instead of .cohort/logs
  --json        when ready, one JSON object on standard output, nothing else there:
                {url, redisUrl, workers, threadsEach, pids: {producer, workers}};
                redisUrl is null where REDIS_URL is given

Environment: PORT (3000; 0 takes a free one) and HOST of the producer, REDIS_URL, and those of
docs/reference/environment.md.`

const FLAGS = {
  workers: { type: 'string' },
  verbose: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

export async function up(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS)
  if (flags.help === true) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const bounds = { name: 'workers', least: 1, most: 64, otherwise: workersByDefault() }
  const workers = integerFlag(flags.workers, bounds)
  const json = flags.json === true
  const say = (line: string) => void (json ? process.stderr : process.stdout).write(`${line}\n`)
  const config = readConfig()
  const options = { config, workers, anyPort: false, verbose: flags.verbose === true, say }
  return untilStopped(
    async (signal) => {
      const system = await startSystem(options, signal)
      try {
        if (json) process.stdout.write(`${JSON.stringify(objectOf(system, workers))}\n`)
        else for (const line of introduction(system, workers)) say(line)
        throw await ended(AbortSignal.any([signal, system.broken]))
      } finally {
        await system.stop()
      }
    },
    () => say(farewell(config)),
  )
}

/** A URL that was given may hold a password, and whoever gave it knows it. */
function objectOf({ url, ownRedisUrl, threadsEach, pids }: System, workers: number): object {
  const [producer, ...others] = pids
  return { url, redisUrl: ownRedisUrl ?? null, workers, threadsEach, pids: { producer, workers: others } }
}

function introduction({ url, ownRedisUrl, threadsEach }: System, workers: number): string[] {
  const threads = `${plural(threadsEach, 'compute thread')}${workers === 1 ? '' : ' each'}`
  return [
    `producer     ${url}`,
    `  live page  ${url}/`,
    `  API        ${url}/docs`,
    `  queues     ${url}/queues`,
    `  metrics    ${url}/metrics`,
    `${plural(workers, 'worker').padEnd(11)}  with ${threads}`,
    ...(ownRedisUrl === undefined ? [] : [`Redis        ${ownRedisUrl}`]),
    'one more worker, in another shell:',
    `  REDIS_URL=${ownRedisUrl ?? '(the same)'} npm run -s cohort -- worker`,
  ]
}

function farewell({ redisUrl, dir }: CliConfig): string {
  if (redisUrl !== undefined) return 'stopped'
  const data = join(dir, 'data')
  const near = relative(process.cwd(), data)
  return `stopped; its data stays in ${near.startsWith('..') ? data : near}`
}

/** Resolves with the reason: a request to stop, or what broke. */
const ended = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason)
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true })
  })
