// How many threads a pool has: named bounds, and when to add or retire one. Pure. Used by pool.ts, crew.ts

export interface Bounds {
  /** Threads that it starts with; `min` ≤ `initial` ≤ `max`. */
  readonly initial: number
  readonly min: number
  readonly max: number
}

/** So many from the start to the end: what compute wants, one for each core. */
export const fixedBounds = (threads: number): Bounds => ({ initial: threads, min: threads, max: threads })

/**
 * The bounds of the seed document ("Thread pool tuning"): `optimal = min(2·cpus, agents)`, `initial = max(cpus, min(16,
 * optimal))`, `max = min(4·cpus, 128)`, with one thread a CPU as the least. They do not pay for threads that compute,
 * so a worker has fixed bounds; these are for comparison, and for tasks that wait.
 */
export function seedBounds(cpus: number, agents = Infinity): Bounds {
  const optimal = Math.min(2 * cpus, agents)
  const initial = Math.max(cpus, Math.min(16, optimal))
  return { initial, min: Math.min(cpus, initial), max: Math.max(initial, Math.min(4 * cpus, 128)) }
}

export interface Sample {
  /** Of the time since the last sample, the part that threads were busy: 0 to 1. */
  readonly utilisation: number
  /** Tasks that wait for a thread. */
  readonly waiting: number
  readonly threads: number
}

export const SAMPLE_MS = 100

/** The thresholds of the seed document. */
const [UP, DOWN] = [0.7, 0.2]
/** So many samples in a row must say the same: a thread is started in some 50 ms, and is not worth a moment's load. */
const [UP_SAMPLES, DOWN_SAMPLES] = [3, 20]

/** Whether to add a thread or retire one; after either it looks anew. */
export class Growth {
  readonly #bounds: Bounds
  #high = 0
  #low = 0

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  next({ utilisation, waiting, threads }: Sample): 'grow' | 'retire' | 'stay' {
    // Where nobody waits, one more thread would have nothing to do.
    this.#high = utilisation >= UP && waiting > 0 ? this.#high + 1 : 0
    this.#low = utilisation <= DOWN ? this.#low + 1 : 0
    const { min, max } = this.#bounds
    const grow = this.#high >= UP_SAMPLES && threads < max
    const retire = this.#low >= DOWN_SAMPLES && threads > min
    if (!grow && !retire) return 'stay'
    this.#high = this.#low = 0
    return grow ? 'grow' : 'retire'
  }
}
