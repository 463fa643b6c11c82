// leg: admit. Counts the steps that were taken in and are not answered: over the limit the next are refused.
import { CohortError } from '@cohort/contracts'

/** What a refused caller is told to wait. */
const RETRY_AFTER_MS = 1000

/**
 * Memory stays bounded because nothing of a request outlives its steps' place in this count. Who gives the place
 * back: `admit` where it throws; then `postSteps` where the request's key has a batch or cannot be claimed; and
 * from its `add` on `Gather`, for each job when it has ended or was not added.
 */
export class WaitingSteps {
  readonly #limit: number
  #count = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get count(): number {
    return this.#count
  }

  get limit(): number {
    return this.#limit
  }

  /** Throws `overloaded` where `steps` more do not fit. */
  take(steps: number): void {
    if (this.#count + steps > this.#limit) {
      const detail = `${this.#count} steps wait, and ${steps} more pass ${this.#limit} (COHORT_MAX_WAITING_STEPS)`
      throw new CohortError('overloaded', detail, { retryAfterMs: RETRY_AFTER_MS })
    }
    this.#count += steps
  }

  give(steps: number): void {
    this.#count -= steps
  }
}
