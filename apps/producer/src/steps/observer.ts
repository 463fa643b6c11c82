// Who hears of steps on their way: the metrics, the live page. None of them can undo what was done.
import type { JobResult, LegTimings } from '@cohort/contracts'
import { quietly, type Log, type RequestSpan } from '@cohort/telemetry'
import type { Flush } from './flush.js'

/** Told after the fact, of each request and each job: what hears it is quick. */
export interface StepsObserver {
  /** The queue has them. */
  queued(flush: Flush): void
  /** A job of so many steps has ended; `result` undefined: nobody knows how. */
  answered(steps: number, result: JobResult | undefined): void
  /** A caller has waited to the end, whatever that is. */
  waited(wait: Wait): void
  /** A batch has ended, and its last job did not fail as a whole: of such a one nobody knows the legs. */
  ended(batch: BatchEnd): void
}

export interface Wait {
  /** From the request's head to the end of its answer. */
  readonly ms: number
  /** Undefined where nothing is traced. */
  readonly trace?: RequestSpan | undefined
}

export interface BatchEnd {
  /** To the end of the answer where somebody waited, else to that of the batch's last job. */
  readonly legs: LegTimings
  readonly atMs: number
  /** Its caller waited to the end: only then is the sum of its legs what the caller saw. */
  readonly waited: boolean
  /** Undefined where nothing is traced, or nobody waited. */
  readonly trace?: RequestSpan | undefined
}

/** What one of them throws is a line in the log, and the others hear it all the same. */
export class Observers implements StepsObserver {
  readonly #log: Pick<Log, 'error'>
  readonly #all: readonly Partial<StepsObserver>[]

  constructor(log: Pick<Log, 'error'>, all: readonly Partial<StepsObserver>[]) {
    this.#log = log
    this.#all = all
  }

  queued(flush: Flush): void {
    for (const one of this.#all) quietly(this.#log, () => one.queued?.(flush))
  }

  answered(steps: number, result: JobResult | undefined): void {
    for (const one of this.#all) quietly(this.#log, () => one.answered?.(steps, result))
  }

  waited(wait: Wait): void {
    for (const one of this.#all) quietly(this.#log, () => one.waited?.(wait))
  }

  ended(batch: BatchEnd): void {
    for (const one of this.#all) quietly(this.#log, () => one.ended?.(batch))
  }
}
