// Whether steps sent now would be taken and done: this process goes on, Redis answers, somebody works.
import { CohortError, type Fault } from '@cohort/contracts'
import type { Redis, Store } from '@cohort/store'
import { inTime } from './in-time.js'

/** How long Redis may take to answer. */
const ANSWER_MS = 1000

export class Readiness {
  readonly #redis: Pick<Redis, 'status'>
  readonly #store: Store
  #stopping = false

  constructor(redis: Pick<Redis, 'status'>, store: Store) {
    this.#redis = redis
    this.#store = store
  }

  /** From now on nothing new is taken. */
  stop(): void {
    this.#stopping = true
  }

  /** Throws `not_ready` once the process stops, `redis_unavailable` while Redis is lost. Costs nothing. */
  refuseUnready(): void {
    if (this.#stopping) throw new CohortError('not_ready', 'this producer is stopping: ask another')
    if (this.#redis.status !== 'ready')
      throw new CohortError('redis_unavailable', 'the connection to Redis is lost')
  }

  /** Never rejects. */
  async look(): Promise<{ readonly workers: number; readonly missing: readonly Fault[] }> {
    if (this.#stopping) return { workers: 0, missing: [{ path: 'producer', message: 'is stopping' }] }
    try {
      const workers = (await inTime(ANSWER_MS, 'Redis', this.#store.workers.list())).length
      const none = { path: 'workers', message: 'have not been seen', got: 0, expected: 'at least one' }
      return { workers, missing: workers > 0 ? [] : [none] }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return { workers: 0, missing: [{ path: 'redis', message: `is not reached (${why})` }] }
    }
  }
}
