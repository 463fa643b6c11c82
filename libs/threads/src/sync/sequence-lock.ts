// A small table that one thread writes and many read, whole, without ever holding it up. Told by index.ts
import { CohortError } from '@cohort/contracts'
import { LINE, mustCount, mustLie, type Place, relax, wholeLines } from './place.js'

/** Odd while the writer writes. */
const SEQUENCE = 0
const FIRST = LINE / 4
const MOST = 2 ** 12
/** A writer that has been put off its core in the middle needs the core that a reader spins on. */
const TRIES_BEFORE_SLEEP = 64
const SLEEP_MS = 1

/**
 * A few numbers that belong together, written seldom and read often. Promises:
 *
 * - what `read` gives is what one `write` wrote, never a mixture of two, and never older than what this reader saw
 *   before;
 * - the writer waits for nobody, however many read; a reader tries again where a write fell into its reading;
 * - readers write nothing, so they do not slow each other down.
 *
 * One thread writes at a time. Where it died in the middle of a write readers find no whole table until the next one
 * writes: `read` with a bound on its tries is for those who must not wait. All accesses are atomic, in one order for
 * all threads, as JavaScript's memory model asks of a racing read; of 2^31 writes during one read nothing is promised.
 */
export class SequenceLock {
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #values: Float64Array
  /** The same bytes: an atomic access has 32 bits where it must not make garbage. */
  readonly #halves: Int32Array

  /** Bytes that a table of so many doubles takes. */
  static bytes(values: number): number {
    mustCount('values', values, MOST)
    return LINE + wholeLines(8 * values)
  }

  constructor(place: Place, values: number) {
    mustLie(place, SequenceLock.bytes(values))
    this.#words = new Int32Array(place.buffer, place.offset, FIRST + 2 * values)
    this.#values = new Float64Array(values)
    this.#halves = new Int32Array(this.#values.buffer)
  }

  /** The one writer: all of the table. */
  write(values: ArrayLike<number>): void {
    if (values.length !== this.#values.length)
      throw new CohortError('internal', `${values.length} values for a table of ${this.#values.length}`)
    this.#values.set(values)
    // It is odd already where a writer died in the middle.
    const odd = Atomics.load(this.#words, SEQUENCE) | 1
    Atomics.store(this.#words, SEQUENCE, odd)
    for (let half = 0; half < this.#halves.length; half++)
      Atomics.store(this.#words, FIRST + half, this.#halves[half] ?? 0)
    Atomics.store(this.#words, SEQUENCE, odd + 1)
  }

  /** Any thread: the whole table to `into`. False, and `into` is as it was, after so many tries in vain. */
  read(into: Float64Array, tries = Infinity): boolean {
    for (let tried = 1; ; tried++) {
      const sequence = Atomics.load(this.#words, SEQUENCE)
      if ((sequence & 1) === 0 && this.#readAt(sequence)) {
        into.set(this.#values)
        return true
      }
      if (tried >= tries) return false
      if (tried % TRIES_BEFORE_SLEEP === 0) Atomics.wait(this.#words, SEQUENCE, sequence | 1, SLEEP_MS)
      else relax()
    }
  }

  #readAt(sequence: number): boolean {
    for (let half = 0; half < this.#halves.length; half++)
      this.#halves[half] = Atomics.load(this.#words, FIRST + half)
    return Atomics.load(this.#words, SEQUENCE) === sequence
  }
}
