// A whole Cohort for a test: Redis, a producer and workers as real processes, spoken to through the SDK.
import { Cohort } from '@cohort/client'
import { kill, type Running, start, startRedis, type TestRedis, terminate } from './processes.js'

export interface System {
  readonly redis: TestRedis
  readonly cohort: Cohort
  readonly url: string
  readonly producer: Running
  /** Those that run, in the order in which they were started. */
  readonly workers: Running[]
  readonly addWorker: (env?: Record<string, string>) => Promise<Running>
  readonly stop: () => Promise<void>
}

const startProducer = (redisUrl: string, env: Record<string, string> = {}): Promise<Running> =>
  start('apps/producer/dist/main.js', { REDIS_URL: redisUrl, PORT: '0', ...env })

/** A worker with one thread, so that several share a small machine; pinning as by default. */
const startWorker = (redisUrl: string, env: Record<string, string> = {}): Promise<Running> =>
  start('apps/worker/dist/main.js', {
    REDIS_URL: redisUrl,
    COHORT_THREADS: '1',
    COHORT_LOG_LEVEL: 'debug',
    ...env,
  })

/** `producer ready: http://127.0.0.1:1234` → the address. */
const addressIn = (ready: string): string => /https?:\/\/\S+/.exec(ready)?.[0] ?? ''

export async function startSystem(options: {
  workers: number
  /** Of the producer and of each worker. */
  env?: Record<string, string>
}): Promise<System> {
  const begun: (() => Promise<unknown>)[] = []
  const stop = async () => {
    // The last first: workers and a producer before their Redis. One that does not stop keeps no other from it.
    const errors: unknown[] = []
    for (const end of begun.splice(0).toReversed()) await end().catch((error: unknown) => errors.push(error))
    if (errors.length > 0) throw new AggregateError(errors, 'not all of the system was stopped')
  }
  try {
    const redis = await startRedis()
    begun.push(redis.stop)
    const producer = await startProducer(redis.url, options.env)
    begun.push(() => terminate(producer))
    const workers: Running[] = []
    begun.push(() => killAll(workers))
    const addWorker = async (env: Record<string, string> = {}) => {
      const worker = await startWorker(redis.url, { ...options.env, ...env })
      workers.push(worker)
      return worker
    }
    for (let i = 0; i < options.workers; i++) await addWorker()
    const url = addressIn(producer.ready)
    const cohort = new Cohort({ url })
    if (options.workers > 0) await cohort.ready()
    return { redis, cohort, url, producer, workers, addWorker, stop }
  } catch (error) {
    // Whoever asked has nothing to stop them by, and what runs keeps the test run alive.
    await stop()
    throw error
  }
}

/** Those that were halted as well. */
async function killAll(workers: readonly Running[]): Promise<void> {
  for (const worker of workers) worker.process.kill('SIGCONT')
  await Promise.all(workers.map(kill))
}
