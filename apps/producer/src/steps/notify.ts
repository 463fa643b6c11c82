// leg: notify. Hears the workers' answers and gives each waiting request its batch.
import {
  failedResult,
  type BatchId,
  type BatchStatus,
  type ErrorCode,
  type JobResult,
  type LegTimings,
} from '@cohort/contracts'
import type { BatchRecord, ClaimedRecord, Subscription } from '@cohort/store'
import type { RequestSpan } from '@cohort/telemetry'
import { assembleBatch, type Assembled } from '../batches/assemble.js'
import { legTimings } from '../batches/timings.js'
import { Watchers } from '../batches/watchers.js'
import { Endings, type LastAnswer } from './endings.js'
import type { Flush } from './flush.js'
import { lookForMissed, type Look, type LookNeeds } from './look-for-missed.js'
import { OutstandingJobs } from './outstanding.js'

interface NotifyNeeds extends LookNeeds {
  /** This producer's own. */
  readonly channel: string
  /** A batch has ended that nobody waited for (any more): its legs, up to the answer of its last job. */
  readonly onUnawaited?: (legs: LegTimings) => void
  /** A job of so many steps has ended; `result` undefined: nobody knows how. */
  readonly onAnswered?: (steps: number, result: JobResult | undefined) => void
}

/** A batch that has ended. */
export interface EndedBatch extends Assembled {
  readonly batchId: BatchId
  /** `answeredMs`: the time to which the legs add up. Undefined where the last job failed as a whole. */
  readonly timings: ((answeredMs: number) => LegTimings) | undefined
}

/** A request that waits for its batch. */
interface Waiting {
  readonly record: BatchRecord
  readonly trace: RequestSpan | undefined
  readonly answers: Map<string, JobResult>
  /** Of the job that was answered last: the one that the request waited for. */
  last: LastAnswer | undefined
  readonly done: PromiseWithResolvers<'done'>
}

export class Notify {
  readonly #needs: NotifyNeeds
  readonly #outstanding = new OutstandingJobs<Waiting>()
  readonly #waiting = new Map<BatchId, Waiting>()
  readonly #giveUps = new Set<() => void>()
  readonly #watchers = new Watchers()
  readonly #missed: Look
  readonly #endings: Endings
  #subscription: Subscription | undefined
  #released = false

  private constructor(needs: NotifyNeeds) {
    this.#needs = needs
    this.#endings = new Endings({
      onEnd: (record, last) => this.#tellUnawaited(record, last),
      onEnded: (records) => this.#forgetSoon(records),
    })
    this.#missed = lookForMissed(needs, this.#outstanding, (id, result) => this.#answered(id, result))
  }

  /** Resolves when the workers' answers are heard. */
  static async listen(needs: NotifyNeeds): Promise<Notify> {
    const notify = new Notify(needs)
    notify.#subscription = await needs.store.answers.subscribe(
      needs.channel,
      (jobId, result) => notify.#answered(jobId, result),
      // The connection was lost, and with it nobody knows which messages.
      () => notify.#missed.all(),
    )
    return notify
  }

  /** Jobs without an answer, and requests that wait. */
  get outstanding(): { readonly jobs: number; readonly requests: number } {
    return { jobs: this.#outstanding.size, requests: this.#waiting.size }
  }

  /** The process stops: nobody is to wait for long. */
  get released(): boolean {
    return this.#released
  }

  /**
   * To be called before the jobs are added: an answer may be faster than the queue's. What it returns is to be
   * called when the queue has them. `onEnd`: a job's steps wait no more.
   */
  expect({ pending, records, jobs }: Flush, onEnd: (steps: number) => void): () => void {
    const waiters = new Map<string, Set<Waiting>>(jobs.map(({ id }) => [id, new Set()]))
    for (const [at, { record }] of records.entries()) {
      const steps = pending[at]
      if (steps === undefined || steps.waitMs === 0) continue
      const { trace } = steps
      const done = Promise.withResolvers<'done'>()
      const waiting: Waiting = { record, trace, answers: new Map(), last: undefined, done }
      this.#waiting.set(record.id, waiting)
      for (const { jobId } of record.jobs) waiters.get(jobId)?.add(waiting)
    }
    const ends = this.#endings.of(records)
    const nowMs = this.#needs.nowMs()
    let areAdded = false
    for (const { id, job } of jobs) {
      const onJobEnd = () => onEnd(job.count)
      const batchesEnd = ends.get(id)
      this.#outstanding.add(
        {
          id,
          isAdded: () => areAdded,
          waiters: waiters.get(id) ?? new Set(),
          onEnd: onJobEnd,
          onAnswer: (last, result) => {
            batchesEnd?.(last)
            this.#needs.onAnswered?.(job.count, result)
          },
        },
        nowMs,
      )
    }
    return () => {
      areAdded = true
    }
  }

  #tellUnawaited(record: BatchRecord, last: LastAnswer): void {
    const { onUnawaited } = this.#needs
    if (onUnawaited === undefined || this.#waiting.has(record.id)) return
    const legs = timingsOf(record, last)?.(last.receivedMs)
    if (legs !== undefined) onUnawaited(legs)
  }

  /** Best effort: what is not told is kept for a day. */
  #forgetSoon(records: readonly ClaimedRecord[]): void {
    this.#needs.store.batches
      .ended(records)
      .catch((error: unknown) => this.#needs.log.debug('ended batches are kept for longer', { error }))
  }

  /** The queue did not take them, or nobody knows whether it did. */
  forget({ records, jobs }: Flush): void {
    for (const { record } of records) this.#waiting.delete(record.id)
    for (const { id } of jobs) this.#outstanding.remove(id)?.onEnd()
  }

  /** `result` undefined: answered before, and the answer was kept for its time. */
  #answered(id: string, result: JobResult | undefined): void {
    const receivedMs = this.#needs.nowMs()
    const job = this.#outstanding.remove(id)
    if (job === undefined) return
    const answer = result ?? lost(id)
    const last: LastAnswer = { receivedMs, marks: answer.ok ? answer.marks : undefined }
    job.onEnd()
    job.onAnswer?.(last, result)
    for (const waiting of job.waiters) {
      waiting.answers.set(id, answer)
      waiting.last = last
      if (waiting.answers.size < waiting.record.jobs.length) continue
      // To the end of the request's answer.
      waiting.trace?.leg('notify', receivedMs)
      waiting.done.resolve('done')
    }
    this.#watchers.answered(id)
  }

  /**
   * The batch, or where it stands when `untilMs` has passed, the signal is aborted or the process drains.
   * Nothing of the request is kept after that.
   */
  async wait(batch: BatchId, untilMs: number, signal: AbortSignal): Promise<EndedBatch | BatchStatus> {
    const waiting = this.#waiting.get(batch)
    if (waiting === undefined) return 'queued'
    const { promise: over, resolve: giveUp } = Promise.withResolvers<'over'>()
    const stop = () => giveUp('over')
    const timer = setTimeout(stop, Math.max(0, untilMs - this.#needs.nowMs()))
    signal.addEventListener('abort', stop, { once: true })
    this.#giveUps.add(stop)
    if (this.#released || signal.aborted) stop()
    try {
      if ((await Promise.race([waiting.done.promise, over])) === 'done') return finished(waiting)
      return waiting.answers.size > 0 ? 'active' : 'queued'
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      this.#giveUps.delete(stop)
      this.#waiting.delete(batch)
      for (const { jobId } of waiting.record.jobs) this.#outstanding.get(jobId)?.waiters.delete(waiting)
    }
  }

  /** Calls `wake` with each of the jobs when this producer hears its answer; returns what ends that. */
  watch(jobIds: readonly string[], wake: (jobId: string) => void): () => void {
    return this.#watchers.watch(jobIds, wake)
  }

  /** Ends all waiting, now and later: the process stops. */
  release(): void {
    this.#released = true
    for (const giveUp of this.#giveUps) giveUp()
  }

  close(): void {
    this.#missed.stop()
    this.#subscription?.close()
  }
}

function finished({ record, answers, last }: Waiting): EndedBatch {
  const inOrder = record.jobs.map(({ jobId }) => answers.get(jobId) ?? lost(jobId))
  return { batchId: record.id, ...assembleBatch(record, inOrder), timings: timingsOf(record, last) }
}

function timingsOf({ marks: here }: BatchRecord, last: Waiting['last']): EndedBatch['timings'] {
  if (last?.marks === undefined) return undefined
  const { marks, receivedMs } = last
  return (answeredMs) => legTimings({ ...here, received: receivedMs, answered: answeredMs }, marks)
}

const lost = (jobId: string): JobResult => {
  const code: ErrorCode = 'job_lost'
  return failedResult(jobId, { code, detail: 'the job is gone and left no answer' })
}
