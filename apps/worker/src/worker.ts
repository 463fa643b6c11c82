// A warm worker begins to take jobs, says that it is alive, and stops both when the process drains.
import { hostname } from 'node:os'
import { jobKey, startConsumer, type FailedAttempt, type StepConsumer } from '@cohort/queue'
import { WORKER_BEAT_MS, type Redis, type Store, type WorkerInfo } from '@cohort/store'
import { quietly, type Log, type Tracing } from '@cohort/telemetry'
import { batchesOf } from './batches-of.js'
import type { ComputePool } from './compute-pool.js'
import type { WorkerConfig } from './config.js'
import type { Drain } from './drain.js'
import { firstIntake, type Intake, openIntake } from './intake.js'
import { runJob, type JobNeeds } from './job/run-job.js'
import { openMeter, watchThreads, type WorkerMetrics } from './observe/metrics.js'
import { observed } from './observe/observed.js'
import { Progress } from './observe/progress.js'
import { redisMissing, type Readiness } from './readiness.js'

interface Surroundings {
  readonly config: WorkerConfig
  readonly log: Log
  readonly drain: Drain
  readonly metrics: WorkerMetrics
  readonly tracing: Tracing | undefined
  readonly redis: Redis
  readonly store: Store
  readonly pool: ComputePool
  readonly jobs: JobNeeds
  readonly readiness: Readiness
}

/** Resolves when the worker takes jobs, with what it says of itself. */
export async function startWorker(around: Surroundings): Promise<WorkerInfo> {
  const { config, log, drain, metrics, tracing, redis, store, pool, jobs, readiness } = around
  const threads = pool.threads.length
  const progress = new Progress()
  const meter = openMeter(metrics)
  const listeners = { log, tracing, meter, progress }
  const consumer = await startConsumer({
    redis,
    concurrency: config.jobsAtOnce ?? firstIntake(threads),
    run: (id, data) => observed(listeners, () => runJob(jobs, id, data)),
    onFailed: (attempt) => {
      quietly(log, () => meter.failed(attempt.final))
      return answerFailure({ store, log }, attempt)
    },
    log,
    telemetry: tracing?.jobs,
  })
  const intake = config.jobsAtOnce === undefined ? followLoop({ threads, pool, consumer }) : undefined
  watchThreads(metrics, { pool, consumer, jobsAtOnce: () => intake?.jobs ?? config.jobsAtOnce ?? 0 })
  drain.opened('consumer', async () => {
    intake?.close()
    // Without Redis no job can be finished.
    const deadlineMs = redis.status === 'ready' ? config.drainMs : 0
    const { abandoned } = await consumer.close({ deadlineMs })
    if (abandoned === 0) return undefined
    await tracing?.stop()
    // Their tasks still run: a pool that stopped under them would fail jobs that others will finish.
    return 'leave'
  })
  const cpus = pool.threads.map(({ cpu }) => cpu)
  const facts = { host: hostname(), pid: process.pid, threads, cpus }
  const info = (): WorkerInfo => ({ ...facts, progress: progress.look(pool.threads) })
  await startHeartbeat(around, info)
  readiness.set(async () => {
    const reasons = [
      drain.begun ? 'the worker is draining' : undefined,
      pool.threads.length < threads ? `${pool.threads.length} of ${threads} compute threads` : undefined,
      await redisMissing(redis),
    ]
    return reasons.filter((reason) => reason !== undefined)
  })
  return info()
}

const followLoop = ({
  threads,
  pool,
  consumer,
}: {
  threads: number
  pool: Pick<ComputePool, 'idle'>
  consumer: StepConsumer
}): Intake =>
  openIntake({
    threads,
    look: () => ({ jobs: consumer.active, idle: pool.idle }),
    onChange: (jobs) => consumer.setConcurrency(jobs),
  })

/** Whoever waits for a job that will not be tried again hears why. */
async function answerFailure(
  { store, log }: Pick<Surroundings, 'store' | 'log'>,
  { id, data, error, final }: FailedAttempt,
): Promise<void> {
  const facts = { job: id, batches: batchesOf(data), error }
  log.warn(final ? 'a job has failed' : 'a job will be tried again', facts)
  if (!final) return
  await store.answers.fail({
    jobId: id,
    jobKey: jobKey(id),
    channel: channelOf(data),
    code: error.code,
    detail: error.message,
  })
}

/** Of any data: what is no job may still say who waits for it. Nobody listens on the empty channel. */
function channelOf(data: unknown): string {
  const channel = typeof data === 'object' && data !== null && 'channel' in data ? data.channel : undefined
  return typeof channel === 'string' ? channel : ''
}

async function startHeartbeat(
  { redis, store, log, drain }: Surroundings,
  info: () => WorkerInfo,
): Promise<void> {
  const { host, pid } = info()
  const id = `${host}:${pid}`
  let beating: Promise<void> | undefined
  const beat = () => {
    // While Redis is away the one that waits is enough.
    beating ??= store.workers
      .beat(id, info())
      .catch((error: unknown) => log.warn('a heartbeat was not heard', { error }))
      .finally(() => (beating = undefined))
    return beating
  }
  await beat()
  const timer = setInterval(() => void beat(), WORKER_BEAT_MS)
  drain.opened('heartbeat', async () => {
    clearInterval(timer)
    // Without Redis the goodbye is not heard, nor needed: silence says the same after some seconds.
    if (redis.status !== 'ready') return
    await beating
    await store.workers.remove(id)
  })
}
