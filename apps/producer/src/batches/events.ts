// leg: notify. A batch's results as they come: an event for each job that has ended, then the end. From any producer.
import {
  CohortError,
  UNANSWERED_SECONDS,
  type BatchEvent,
  type BatchStatus,
  type WorkerMarks,
} from '@cohort/contracts'
import type { BatchRecord } from '@cohort/store'
import type { Log } from '@cohort/telemetry'
import { assembleBatch, partOf, type Assembled } from './assemble.js'
import { LeftJobs } from './left-jobs.js'
import { lookUpJobs, type JobOutcome, type LookUpNeeds } from './look-up.js'
import { laterCommit, timingsOf } from './timings.js'
import type { Watchers } from './watchers.js'

export interface EventNeeds extends LookUpNeeds {
  readonly notify: Pick<Watchers, 'watch'>
  readonly nowMs: () => number
  readonly log: Log
}

/** Jobs asked for in one go, each with a result of some megabytes maybe: a stream holds no more. */
const LOOK_AT_MOST = 8
/** Between two looks that found nothing: another producer hears the answers, or the message was missed. */
const PAUSES_MS = { first: 20, longest: 2000 } as const
const PAUSE_GROWTH = 1.5

/**
 * Undefined after a look that found nothing new. Ends without an `end` where the signal is aborted. The answers stay in
 * Redis until the reader asks for the next event: who reads slowly costs no memory here.
 */
export async function* batchEvents(
  needs: EventNeeds,
  record: BatchRecord,
  signal: AbortSignal,
): AsyncGenerator<BatchEvent | undefined> {
  const left = new LeftJobs(record.jobs.map(({ jobId }) => jobId))
  const unwatch = needs.notify.watch(
    record.jobs.map(({ jobId }) => jobId),
    (id) => left.wake(id),
  )
  const told = new Told(record)
  // Then the batch is forgotten, and so are its jobs.
  const untilMs = record.marks.added + UNANSWERED_SECONDS * 1000
  let pauseMs: number = PAUSES_MS.first
  try {
    while (left.size > 0 && needs.nowMs() < untilMs) {
      const asked = left.next(LOOK_AT_MOST)
      const outcomes = await outcomesOf(needs, asked)
      let ended = 0
      for (const [i, { id, at }] of asked.entries()) {
        const outcome = outcomes?.[i]
        if (outcome === undefined) continue
        const isOver = outcome.state === 'answered' || outcome.state === 'gone'
        left.asked(id, isOver)
        if (isOver) ended += 1
        if (outcome.state === 'answered') yield told.part(at, outcome.result)
        if (signal.aborted) return
      }
      if (ended === asked.length) continue
      pauseMs = ended > 0 ? PAUSES_MS.first : Math.min(pauseMs * PAUSE_GROWTH, PAUSES_MS.longest)
      yield undefined
      await left.pause(pauseMs, signal)
    }
    if (!signal.aborted) yield told.end()
  } finally {
    unwatch()
  }
}

/** Undefined while Redis is away: those who read are not cut off for that, since all of them would come again. */
async function outcomesOf(
  needs: EventNeeds,
  asked: readonly { readonly id: string }[],
): Promise<JobOutcome[] | undefined> {
  try {
    return await lookUpJobs(
      needs,
      asked.map(({ id }) => id),
    )
  } catch (error) {
    if (!(error instanceof CohortError && error.transient)) throw error
    needs.log.debug('answers for a stream of events could not be read', { error })
    return undefined
  }
}

/** What the end says is the sum of the parts. */
class Told {
  readonly #record: BatchRecord
  readonly #statuses = new Set<Assembled['status']>()
  #jobs = 0
  #last: WorkerMarks | undefined

  constructor(record: BatchRecord) {
    this.#record = record
  }

  part(job: number, answer: Extract<JobOutcome, { state: 'answered' }>['result']): BatchEvent {
    const { status, results, errors } = assembleBatch(partOf(this.#record, job), [answer])
    this.#jobs += 1
    this.#statuses.add(status)
    this.#last = laterCommit(this.#last, answer)
    return { type: 'results', job, of: this.#record.jobs.length, results, errors: [...errors] }
  }

  end(): BatchEvent {
    return { type: 'end', batchId: this.#record.id, status: this.#status(), ...this.#timings() }
  }

  #status(): BatchStatus {
    if (this.#jobs < this.#record.jobs.length) return 'expired'
    const [first, ...others] = this.#statuses
    return first === undefined || others.length > 0 ? 'partial' : first
  }

  #timings(): Pick<Extract<BatchEvent, { type: 'end' }>, 'timings'> {
    return this.#jobs < this.#record.jobs.length ? {} : timingsOf(this.#record, this.#last)
  }
}
