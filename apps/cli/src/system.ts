// A whole Cohort as real processes: Redis, a producer, workers. Started together, stopped in order.
import { basename, join } from 'node:path'
import { CohortError } from '@cohort/contracts'
import { findRedisServer, startEmbedded } from '@cohort/store'
import { readTopology, threadsEach } from '@cohort/threads'
import type { CliConfig } from './config.js'
import {
  type ProcessSpec,
  programOf,
  type RunningProcess,
  startProcess,
  told,
  warningsOf,
} from './processes.js'
import { requireFreePort } from './producer-port.js'
import { noteRunning, type RunningSystem } from './running.js'

/** A little longer than the processes' own time to finish what they have begun. */
const STOP_MS = 15_000
const PRODUCER = 'producer'

export interface SystemOptions {
  readonly config: CliConfig
  readonly workers: number
  /** True: the producer takes a free port of the loopback address. Else PORT and HOST, as it does alone. */
  readonly anyPort: boolean
  readonly verbose: boolean
  /** What a person should know: which Redis, who ended. */
  say(line: string): void
}

export interface System {
  /** The producer's address. */
  readonly url: string
  /** Of the Redis that was started here; undefined where one was given. */
  readonly ownRedisUrl: string | undefined
  /** Compute threads of each worker, as the first one says: all are told the same, or have a memory node each. */
  readonly threadsEach: number
  /** Of the producer and the workers: a benchmark reads what CPU time they took. */
  readonly pids: readonly number[]
  /** Aborted, with the error, when the run cannot go on: the producer ended, or the last worker. */
  readonly broken: AbortSignal
  stop(): Promise<void>
}

/** Rejects, with everything stopped again, where a part does not start or `signal` is aborted. */
export async function startSystem(options: SystemOptions, signal: AbortSignal): Promise<System> {
  const broken = new AbortController()
  const stopping = new AbortController()
  if (!options.anyPort) await requireFreePort(options.config)
  const redis = await findRedis(options, broken)
  const starting = specs(options, redis).map((spec) => startProcess(spec, signal))
  const outcomes = await Promise.allSettled(starting)
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  let forget = () => {}
  const stop = async () => {
    stopping.abort()
    forget()
    await Promise.all(started.map((running) => running.stop(STOP_MS)))
    await redis.stop()
  }
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  watch({ started, say: options.say, broken, stopping: stopping.signal })
  const [producer, worker] = started
  // Our own Redis is set up as it should be; one that was given may promise less than people think.
  if (producer !== undefined && options.config.redisUrl !== undefined) {
    for (const line of warningsOf(producer)) options.say(line)
  }
  const url = producer?.ready ?? ''
  const threadsEach = Number(/\bthreads (\d+)/.exec(worker?.ready ?? '')?.[1])
  const ownRedisUrl = redis.own?.url
  forget = note(options, {
    url,
    processes: started,
    ...(redis.own === undefined ? {} : { redis: redis.own }),
  })
  const pids = started.map(({ pid }) => pid)
  return { url, ownRedisUrl, threadsEach, pids, stop, broken: broken.signal }
}

/** That a system cannot be written down harms only who looks for it. */
function note({ config, say }: SystemOptions, system: Omit<RunningSystem, 'pid'>): () => void {
  const processes = system.processes.map(({ name, pid }) => ({ name, pid }))
  try {
    return noteRunning(config.dir, { ...system, pid: process.pid, processes })
  } catch (error) {
    say(`\`doctor\` will not see this system: ${String(error)}`)
    return () => {}
  }
}

/** The producer, then the workers. */
function specs({ config, workers, anyPort, verbose }: SystemOptions, redis: UsedRedis): ProcessSpec[] {
  const common = { ...config.environment, REDIS_URL: redis.url, COHORT_DIR: config.dir }
  const threads = config.threads ?? threadsOfEach(workers)
  const log = (file: string) => (verbose ? 'inherit' : join(config.dir, redis.logs, `${file}.log`))
  return [
    {
      name: PRODUCER,
      program: programOf('producer'),
      environment: anyPort ? { ...common, PORT: '0', HOST: '127.0.0.1' } : common,
      log: log('producer'),
    },
    ...Array.from({ length: workers }, (_, i) => ({
      name: `worker ${i + 1}`,
      program: programOf('worker'),
      environment: { ...common, ...(threads && { COHORT_THREADS: threads }), COHORT_HEALTH_PORT: '0' },
      log: log(`worker-${i + 1}`),
    })),
  ]
}

/** One for each memory node that we may use: a worker that is not told how many threads it has stays on one. */
export const workersByDefault = (): number => Math.max(1, readTopology().nodes?.length ?? 1)

/** So many that no worker takes the others' cores; undefined where each has a memory node to itself. */
function threadsOfEach(workers: number): string | undefined {
  const nodes = workersByDefault()
  return nodes > 1 && workers <= nodes ? undefined : String(threadsEach(workers))
}

interface UsedRedis {
  readonly url: string
  /** The one that was started here. */
  readonly own?: NonNullable<RunningSystem['redis']>
  /** The folder of the logs: `logs-2` beside `data-2`, so that two systems never write over each other's. */
  readonly logs: string
  stop(): Promise<void>
}

/** The one that was given is not ours to stop. */
async function findRedis({ config, say }: SystemOptions, broken: AbortController): Promise<UsedRedis> {
  if (config.redisUrl !== undefined)
    return { url: config.redisUrl, logs: 'logs', stop: async () => undefined }
  const executable = findRedisServer(config.path, config.redisServer)
  if (executable === undefined) {
    const how =
      'install redis-server (or valkey-server), name one in COHORT_REDIS_SERVER, or give a REDIS_URL'
    throw new CohortError('configuration', `there is no redis-server on PATH: ${how}`)
  }
  const onLost = (error: CohortError) => broken.abort(error)
  const own = await startEmbedded({ dir: join(config.dir, 'data'), executable, log: say, onLost })
  const { url, dir: data } = own
  return { url, own: { url, data }, logs: basename(data).replace(/^data/, 'logs'), stop: () => own.stop() }
}

interface Watch {
  readonly started: readonly RunningProcess[]
  readonly broken: AbortController
  readonly stopping: AbortSignal
  say(line: string): void
}

/** One worker that dies harms nothing: the others take its jobs. It is said, and the run goes on. */
function watch({ started, broken, stopping, say }: Watch): void {
  let workers = started.length - 1
  for (const { name, ended, log } of started) {
    void ended.then((ending) => {
      if (stopping.aborted) return
      if (name !== PRODUCER) workers -= 1
      const sentence = `${name} ended (${told(ending)})`
      if (name === PRODUCER || workers === 0) {
        broken.abort(new CohortError('process_failed', `${sentence}; its log: ${log}`))
      } else say(`${sentence}; the others go on with its work`)
    })
  }
}
