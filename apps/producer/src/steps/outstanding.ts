// leg: notify. The jobs that have no answer yet, and when each is to be looked for.

/** What must be known of a job to look for it. */
export interface OutstandingJob {
  readonly id: string
  /** The queue has it: only then does its absence mean anything. */
  readonly isAdded: () => boolean
  /** Who wants its answer. */
  readonly waiters: ReadonlySet<unknown>
}

interface Entry<Job> {
  readonly job: Job
  readonly level: number
  readonly dueMs: number
}

/** Pauses before the first, second, … look at a job; the last one repeats. */
const LOOKS_MS = [1000, 2000, 4000, 8000, 15_000, 30_000] as const

/**
 * A queue for each pause: within it all jobs wait equally long, so that the first one is always the first due
 * and a look costs what is due, not what is outstanding.
 */
export class OutstandingJobs<Job extends OutstandingJob> {
  readonly #entries = new Map<string, Entry<Job>>()
  readonly #levels = LOOKS_MS.map(() => new Map<string, Entry<Job>>())

  get size(): number {
    return this.#entries.size
  }

  get(id: string): Job | undefined {
    return this.#entries.get(id)?.job
  }

  add(job: Job, nowMs: number): void {
    this.#place(job, 0, nowMs)
  }

  /** Undefined where it is not outstanding: an answer that came twice. */
  remove(id: string): Job | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    this.#entries.delete(id)
    this.#levels[entry.level]?.delete(id)
    return entry.job
  }

  /** Up to `most` jobs whose pause is over; each is due again after a longer one. */
  takeDue(nowMs: number, most: number): string[] {
    const due = this.#levels.flatMap((level) => {
      const ids: string[] = []
      for (const [id, { dueMs }] of level) {
        if (dueMs > nowMs || ids.length === most) break
        ids.push(id)
      }
      return ids
    })
    const taken = due.slice(0, most)
    for (const id of taken) this.#postpone(id, nowMs)
    return taken
  }

  /** All are due now: a connection was lost, and with it nobody knows which messages. */
  makeAllDue(): void {
    // Each is taken out and put in again: not while the map is gone through.
    const ids = [...this.#entries.keys()]
    for (const id of ids) {
      const job = this.remove(id)
      if (job !== undefined) this.#place(job, 0, -Infinity)
    }
  }

  #postpone(id: string, nowMs: number): void {
    const level = this.#entries.get(id)?.level ?? 0
    const job = this.remove(id)
    if (job !== undefined) this.#place(job, Math.min(level + 1, LOOKS_MS.length - 1), nowMs)
  }

  #place(job: Job, level: number, nowMs: number): void {
    const entry = { job, level, dueMs: nowMs + (LOOKS_MS[level] ?? 0) }
    this.#entries.set(job.id, entry)
    this.#levels[level]?.set(job.id, entry)
  }
}
