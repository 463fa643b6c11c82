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
  const redis = await startRedis()
  const producer = await startProducer(redis.url, options.env)
  const workers: Running[] = []
  const addWorker = async (env: Record<string, string> = {}) => {
    const worker = await startWorker(redis.url, { ...options.env, ...env })
    workers.push(worker)
    return worker
  }
  for (let i = 0; i < options.workers; i++) await addWorker()
  const url = addressIn(producer.ready)
  const cohort = new Cohort({ url })
  if (options.workers > 0) await cohort.ready()
  const stop = async () => {
    for (const worker of workers) worker.process.kill('SIGCONT')
    await Promise.all(workers.map(kill))
    await terminate(producer)
    await redis.stop()
  }
  return { redis, cohort, url, producer, workers, addWorker, stop }
}
