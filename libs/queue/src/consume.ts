// leg: queue. Takes jobs off the queue and hands them to a function, as many at once as it is told. Next: leg take.
import { WaitingError, Worker, type ConnectionOptions, type Job, type Telemetry } from 'bullmq'
import type { CohortError } from '@cohort/contracts'
import { asQueueError, fromQueueError, isConnectionError } from './failure.js'
import { sparing, type QueueLog } from './log.js'
import { KEPT_EVENTS, KEPT_FAILURES, PREFIX, RECOVERY, STEPS, type Recovery } from './queues.js'
import { mendUnreadable } from './unreadable.js'

export interface ConsumerOptions {
  /** A connection of the caller's, which stays the caller's to close. One more is opened beside it, to wait on. */
  readonly redis: ConnectionOptions
  /** Jobs taken at once. */
  readonly concurrency: number
  /**
   * Does the job. It may be called a second time for the same job, here or elsewhere, also while the first call goes
   * on. What it throws decides: a transient error or one of the connection is tried again, any other ends the job.
   */
  readonly run: (id: string, data: unknown) => Promise<void>
  /** After an attempt that failed. Only the job's holder is called, never a zombie. */
  readonly onFailed: (attempt: FailedAttempt) => Promise<void>
  readonly log: QueueLog
  readonly recovery?: Recovery
  /** Hears what BullMQ does with each job; `run` is called inside of what it makes of that. */
  readonly telemetry?: Telemetry<unknown> | undefined
}

export interface FailedAttempt {
  readonly id: string
  readonly data: unknown
  readonly error: CohortError
  /** There will be no other. */
  readonly final: boolean
}

export interface StepConsumer {
  /** Jobs in hand now. */
  readonly active: number
  /** From now on so many at once; those beyond that are in hand go on. */
  setConcurrency(jobs: number): void
  /**
   * Takes no more and waits for the jobs in hand, up to the deadline; those that are left then go back on the queue for
   * others. Resolves to their number, never rejects; called again it is the same closing.
   */
  close(options: { readonly deadlineMs: number }): Promise<{ readonly abandoned: number }>
}

/** Resolves when the consumer takes jobs; waits for Redis as long as that takes. */
export async function startConsumer(options: ConsumerOptions): Promise<StepConsumer> {
  const inHand = new Map<string, Job>()
  const told = new Set<Promise<void>>()
  let closing: Promise<{ abandoned: number }> | undefined
  const take = (job: Job) => (closing === undefined ? runOne(job, options.run, inHand) : putBack(job))
  const worker = new Worker(STEPS, take, workerOptions(options))
  listen(worker, options, told)
  await worker.waitUntilReady()
  await worker.getBackend().setQueueMeta({ 'opts.maxLenEvents': KEPT_EVENTS })
  return {
    get active() {
      return inHand.size
    },
    setConcurrency(jobs) {
      worker.concurrency = jobs
    },
    close: ({ deadlineMs }) => (closing ??= drain({ worker, inHand, told, log: options.log }, deadlineMs)),
  }
}

function workerOptions({ redis, concurrency, recovery = RECOVERY, telemetry }: ConsumerOptions) {
  return {
    connection: redis,
    prefix: PREFIX,
    concurrency,
    lockDuration: recovery.lockMs,
    stalledInterval: recovery.stalledCheckMs,
    // A worker killed under a job says nothing about the job; only being started too often does.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    maxStartedAttempts: recovery.startsAtMost,
    // Also for jobs that others put on the queue without options.
    removeOnComplete: { count: 0 },
    removeOnFail: KEPT_FAILURES,
    // After a refused connection; BullMQ's own 15 s would outlast every restart of Redis.
    runRetryDelay: 500,
    ...(telemetry === undefined ? {} : { telemetry }),
  }
}

async function runOne(job: Job, run: ConsumerOptions['run'], inHand: Map<string, Job>): Promise<void> {
  const id = String(job.id)
  inHand.set(id, job)
  try {
    await run(id, job.data)
  } catch (error) {
    throw asQueueError(error)
  } finally {
    if (inHand.get(id) === job) inHand.delete(id)
  }
}

/** A job that came while the closing worker's wait for one was being cut: it is not in hand, and goes to others. */
async function putBack(job: Job): Promise<never> {
  await job.moveToWait(job.token)
  throw new WaitingError()
}

function listen(worker: Worker, { onFailed, log }: ConsumerOptions, told: Set<Promise<void>>): void {
  worker.on('failed', (job, error) => {
    if (job === undefined) return
    const [id, final] = [String(job.id), job.finishedOn !== undefined]
    const telling = onFailed({ id, data: job.data, error: fromQueueError(error), final })
      .catch((cause: unknown) =>
        log.error('a failed job could not be answered', { job: job.id, error: cause }),
      )
      .finally(() => told.delete(telling))
    told.add(telling)
  })
  worker.on('stalled', (id) =>
    log.warn('a job whose worker died or slept is on the queue again', { job: id }),
  )
  const warn = sparing(log.warn, 5000)
  worker.on('error', (error) => {
    if (isLostJob(error) || isConnectionError(error)) return log.debug(error.message, { error })
    warn(`queue: ${error.message}`, { error })
    if (!(error instanceof SyntaxError || error instanceof TypeError)) return
    mendUnreadable(worker).then(
      (jobs) => log.warn('jobs that cannot be read were put back to fail', { jobs }),
      (cause: unknown) => log.debug('jobs that cannot be read are not mended yet', { error: cause }),
    )
  })
}

/** What a zombie hears: its job is finished, removed, or another worker's by now. Its commit was decided elsewhere. */
function isLostJob(error: Error): boolean {
  return /^(Missing (key|lock)|Lock mismatch|Job \S+ is not in the active state|could not renew lock)/.test(
    error.message,
  )
}

interface Draining {
  readonly worker: Worker
  readonly inHand: ReadonlyMap<string, Job>
  readonly told: ReadonlySet<Promise<void>>
  readonly log: QueueLog
}

/** How long the last words to Redis may take after the deadline. */
const LAST_WORDS_MS = 500

async function drain(
  { worker, inHand, told, log }: Draining,
  deadlineMs: number,
): Promise<{ abandoned: number }> {
  const done = worker
    .close()
    .then(() => Promise.all(told))
    .catch((error: unknown) => log.warn('the consumer closed with an error', { error }))
  if (await within(done, deadlineMs)) return { abandoned: 0 }
  const left = [...inHand.values()]
  log.warn('the consumer did not close within its deadline', { backOnTheQueue: left.map(({ id }) => id) })
  await within(Promise.all(left.map((job) => giveBack(job, log))), LAST_WORDS_MS)
  return { abandoned: left.length }
}

/** Another worker has it at once, instead of after the lock's end. Both may finish it: the commit takes the first. */
async function giveBack(job: Job, log: QueueLog): Promise<boolean> {
  try {
    await job.moveToWait(job.token)
    return true
  } catch (error) {
    log.debug('a job was not given back', { job: job.id, error })
    return false
  }
}

async function within(done: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, ms, false)
  try {
    return await Promise.race([done.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
