// Which waiting task a thread gets next: by when it is due, and by where its memory was last. Used by pool.ts

/** How long a task of a class waits while others of its class do; `high` before `normal` before `low`. */
export type Priority = 'high' | 'normal' | 'low'

/**
 * What a task is given in milliseconds until it is due. A class is a head start and not a rank, so nobody starves: a
 * low task that has waited for 1.05 s goes before whoever comes then.
 */
const PATIENCE_MS: Readonly<Record<Priority, number>> = { high: 0, normal: 50, low: 1050 }

/** How much earlier another task may be due than one that this thread has a reason to take. */
const AFFINITY_MS = 1

/** What one message to a thread holds at most; handing it over costs some 30 µs of both sides. */
export const BUNDLE_MS = 0.5

/**
 * When a task is due that came at `nowMs`: after its class's patience, or at its deadline where that is sooner; never
 * before it came, so that deadlines that have passed starve nobody.
 */
export const dueMs = (nowMs: number, priority: Priority, deadlineMs = Infinity): number =>
  Math.min(nowMs + PATIENCE_MS[priority], Math.max(nowMs, deadlineMs))

/** A task that waits. */
export interface Waiting {
  readonly dueMs: number
  /** The seat that its memory was last used on; undefined where there is none, or it does not matter. */
  readonly seat: number | undefined
  /** How long it takes, as far as known. Who does not know goes alone. */
  readonly costMs: number | undefined
}

/** In the order in which they are due; of those that are due at once, in the order in which they came. */
export class TaskQueue<Task extends Waiting> {
  readonly #tasks: Task[] = []

  get size(): number {
    return this.#tasks.length
  }

  add(task: Task): void {
    let [low, high] = [0, this.#tasks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#tasks[middle]?.dueMs ?? Infinity) <= task.dueMs) low = middle + 1
      else high = middle
    }
    this.#tasks.splice(low, 0, task)
  }

  /**
   * The next task for the thread on `seat`, and with it, as one bundle, others that follow while all of them are short:
   * at most `share`, so that other threads have theirs. Empty only where nobody waits.
   */
  take(seat: number, share = 1): Task[] {
    const taken: Task[] = []
    let ms = 0
    while (this.#tasks.length > 0 && taken.length < Math.max(1, share)) {
      const at = this.#bestFor(seat)
      const next = this.#tasks[at]
      if (next === undefined) break
      const cost = next.costMs ?? Infinity
      if (taken.length > 0 && ms + cost > BUNDLE_MS) break
      this.#tasks.splice(at, 1)
      taken.push(next)
      ms += cost
    }
    return taken
  }

  /** All who wait, who do so no longer. */
  clear(): Task[] {
    return this.#tasks.splice(0)
  }

  /** Its own where that is hardly later than the first; else the first, whose own thread is busy. */
  #bestFor(seat: number): number {
    const latest = (this.#tasks[0]?.dueMs ?? 0) + AFFINITY_MS
    for (const [at, task] of this.#tasks.entries()) {
      if (task.dueMs > latest) break
      if (task.seat === seat) return at
    }
    return 0
  }
}
