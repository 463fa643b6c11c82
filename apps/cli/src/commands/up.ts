// `cohort up`: a producer and workers in the foreground, with a Redis of their own where none is given.
import { join, relative } from 'node:path'
import { type CliConfig, readConfig } from '../config.js'
import { plural } from '../demo/report.js'
import { integerFlag, parseFlags } from '../flags.js'
import { untilStopped } from '../stop-signal.js'
import { startSystem, type System } from '../system.js'

const HELP = `cohort up [flags] — a producer and workers, until Ctrl-C

Starts a Redis of its own unless REDIS_URL is given; its data stays in .cohort/data from run to run.

  --workers N   worker processes   1
  --verbose     the processes' logs on standard error instead of .cohort/logs

Environment: PORT (3000) and HOST of the producer, REDIS_URL, and those of docs/reference/environment.md.`

const FLAGS = { workers: { type: 'string' }, verbose: { type: 'boolean' } } as const

export async function up(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS)
  if (flags.help === true) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const workers = integerFlag(flags.workers, { name: 'workers', least: 1, most: 64, otherwise: 1 })
  const say = (line: string) => process.stdout.write(`${line}\n`)
  const config = readConfig()
  const options = { config, workers, anyPort: false, verbose: flags.verbose === true, say }
  return untilStopped(
    async (signal) => {
      const system = await startSystem(options, signal)
      try {
        for (const sentence of introduction(system, workers)) say(sentence)
        throw await ended(AbortSignal.any([signal, system.broken]))
      } finally {
        await system.stop()
      }
    },
    () => say(farewell(config)),
  )
}

function introduction({ url, ownRedisUrl, threadsEach }: System, workers: number): string[] {
  const redisUrl = ownRedisUrl ?? '…'
  return [
    `producer ${url}, its API at ${url}/docs`,
    `${plural(workers, 'worker')} with ${plural(threadsEach, 'compute thread')}${workers === 1 ? '' : ' each'}`,
    `one more worker, in another shell: REDIS_URL=${redisUrl} npm run -s cohort -- worker`,
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
