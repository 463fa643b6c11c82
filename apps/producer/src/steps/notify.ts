// leg: notify. Hears the workers' answers and gives each waiting request its batch.
import {
  failedResult,
  type BatchId,
  type BatchStatus,
  type ErrorCode,
  type JobResult,
} from '@cohort/contracts'
import type { BatchRecord, ClaimedRecord, Subscription } from '@cohort/store'
import { assembleBatch } from '../batches/assemble.js'
import type { EndedBatch } from '../batches/ended-text.js'
import { legTimings } from '../batches/timings.js'
import { Watchers } from '../batches/watchers.js'
import { Endings, type LastAnswer } from './endings.js'
import type { Flush } from './flush.js'
import { lookForMissed, type Look, type LookNeeds } from './look-for-missed.js'
import type { Observers } from './observer.js'
import { OutstandingJobs, type OutstandingJob } from './outstanding.js'

interface NotifyNeeds extends LookNeeds {
  /** This producer's own. */
  readonly channel: string
  /** Hears of each job that is answered, and of batches that nobody waits for; of the others post-steps.ts tells. */
  readonly observer: Observers
}

/** A request that waits for its batch. */
interface Waiting {
  readonly record: BatchRecord
  readonly answers: Map<string, JobResult>
  /** With the job that was answered last: the one that the request waited for. */
  readonly done: PromiseWithResolvers<LastAnswer>
}

interface JobUnderWay extends OutstandingJob {
  readonly waiters: Set<Waiting>
  readonly steps: number
  /** Called once, when it is answered or given up: its steps wait no more. */
  readonly giveBack: (steps: number) => void
  /** Called once, when it is answered: its batches have one job less to wait for. */
  readonly countDown: ((last: LastAnswer) => void) | undefined
}

export class Notify {
  readonly #needs: NotifyNeeds
  readonly #outstanding = new OutstandingJobs<JobUnderWay>()
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
      tell: (record, last) => this.#tellUnawaited(record, last),
      forget: (records) => this.#forgetSoon(records),
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
   * called when the queue has them. `giveBack` is called for each job once, when its steps wait no more.
   */
  expect({ pending, records, jobs }: Flush, giveBack: (steps: number) => void): () => void {
    const waiters = new Map<string, Set<Waiting>>(jobs.map(({ id }) => [id, new Set()]))
    for (const [at, { record }] of records.entries()) {
      const steps = pending[at]
      if (steps === undefined || steps.waitMs === 0) continue
      const waiting: Waiting = { record, answers: new Map(), done: Promise.withResolvers() }
      this.#waiting.set(record.id, waiting)
      for (const { jobId } of record.jobs) waiters.get(jobId)?.add(waiting)
    }
    const endings = this.#endings.of(records)
    const nowMs = this.#needs.nowMs()
    let areAdded = false
    const isAdded = () => areAdded
    for (const { id, job } of jobs) {
      const own = { waiters: waiters.get(id) ?? new Set(), countDown: endings.get(id) }
      this.#outstanding.add({ id, isAdded, ...own, steps: job.count, giveBack }, nowMs)
    }
    return () => {
      areAdded = true
    }
  }

  #tellUnawaited(record: BatchRecord, last: LastAnswer): void {
    if (this.#waiting.has(record.id)) return
    const atMs = last.receivedMs
    const legs = timingsOf(record, last)?.(atMs)
    if (legs !== undefined) this.#needs.observer.ended({ legs, atMs, waited: false })
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
    for (const { id } of jobs) {
      const job = this.#outstanding.remove(id)
      job?.giveBack(job.steps)
      // Who counts on being told must now ask.
      this.#watchers.wake(id)
    }
  }

  /** `result` undefined: answered before, and the answer was kept for its time. */
  #answered(id: string, result: JobResult | undefined): void {
    const receivedMs = this.#needs.nowMs()
    const job = this.#outstanding.remove(id)
    if (job === undefined) return
    const answer = result ?? lost(id)
    const last: LastAnswer = { receivedMs, marks: answer.ok ? answer.marks : undefined }
    job.giveBack(job.steps)
    for (const waiting of job.waiters) {
      waiting.answers.set(id, answer)
      if (waiting.answers.size === waiting.record.jobs.length) waiting.done.resolve(last)
    }
    job.countDown?.(last)
    this.#watchers.wake(id)
    this.#needs.observer.answered(job.steps, result)
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
      const last = await Promise.race([waiting.done.promise, over])
      if (last !== 'over') return finished(waiting, last)
      return waiting.answers.size > 0 ? 'active' : 'queued'
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      this.#giveUps.delete(stop)
      this.#waiting.delete(batch)
      for (const { jobId } of waiting.record.jobs) this.#outstanding.get(jobId)?.waiters.delete(waiting)
    }
  }

  /** The watchers of this job will be woken: at its answer, or where it is not to be waited for any more. */
  isAwaited(jobId: string): boolean {
    return this.#outstanding.get(jobId) !== undefined
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

function finished({ record, answers }: Waiting, last: LastAnswer): EndedBatch {
  const inOrder = record.jobs.map(({ jobId }) => answers.get(jobId) ?? lost(jobId))
  const { receivedMs } = last
  return {
    batchId: record.id,
    ...assembleBatch(record, inOrder),
    receivedMs,
    timings: timingsOf(record, last),
  }
}

function timingsOf({ marks: here }: BatchRecord, { marks, receivedMs }: LastAnswer): EndedBatch['timings'] {
  if (marks === undefined) return undefined
  return (answeredMs) => legTimings({ ...here, received: receivedMs, answered: answeredMs }, marks)
}

const lost = (jobId: string): JobResult => {
  const code: ErrorCode = 'job_lost'
  return failedResult(jobId, { code, detail: 'the job is gone and left no answer' })
}
