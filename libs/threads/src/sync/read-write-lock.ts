// A lock that many readers or one writer hold; readers go first, within the writer's bound. Told by index.ts
import { CohortError } from '@cohort/contracts'
import { LINE, mustCount, mustLie, type Place, relax } from './place.js'

export interface ReadWriteLockOptions {
  /** How many readers may still come in before a writer that waits, 1 to 1023. */
  readonly bound?: number
  /** How often it looks again before it sleeps. */
  readonly spins?: number
}

/** What was waited for since the memory was fresh, over all threads. */
export interface LockWaits {
  /** Times that a reader, or a writer, did not get the lock at once. */
  readonly reads: number
  readonly writes: number
  /** Nanoseconds until they had it. */
  readonly readNs: number
  readonly writeNs: number
}

// One word: `[passed 10][waiting 8][writer 1][readers 12]`, so that each step of the lock is one compare-exchange.
const READER = 1
const READERS = 0xfff
const WRITER = 1 << 12
const WAITING = 1 << 13
const ALL_WAITING = 0xff * WAITING
const PASSED_SHIFT = 21
const PASSED = 1 << PASSED_SHIFT
const MOST_PASSED = 0x3ff
const ALL_PASSED = MOST_PASSED * PASSED

const STATE = 0
/** On the second line, which only those who wait and those who wake them touch. */
const READERS_ASLEEP = 16
/** Counts wake-ups: who slept on an old number has missed none. */
const READ_TURN = 17
const WRITE_TURN = 18
const WAITS_OFFSET = 2 * LINE
const [READS, WRITES, READ_NS, WRITE_NS] = [0, 1, 2, 3] as const
const BYTES = 3 * LINE

/**
 * Many readers or one writer. Promises:
 *
 * - while a writer holds it nobody else does; else any number of readers may, at most 4095 (and 255 writers that wait);
 * - a reader waits for a writer that holds it, not for one that only waits: readers go first. But from when a writer
 *   waits until one gets the lock, at most `bound` more readers get it (each time: who lost to another writer waits
 *   for as many again);
 * - who waits spins for a little and then sleeps, and is woken; no wake-up is lost;
 * - how often and how long was waited is counted here, in shared words, by those who waited: `waits`.
 *
 * It does not know who holds it: no thread may take it again while it holds it, and a thread that dies with it keeps it
 * for ever. A loop that must not be held up uses `tryRead` and `tryWrite`. Giving back what nobody holds throws.
 */
export class ReadWriteLock {
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #waits: BigInt64Array<SharedArrayBuffer>
  readonly #bound: number
  readonly #spins: number

  /** Bytes that it takes. */
  static bytes(): number {
    return BYTES
  }

  constructor(place: Place, { bound = 16, spins = 32 }: ReadWriteLockOptions = {}) {
    mustLie(place, BYTES)
    mustCount('bound', bound, MOST_PASSED)
    this.#words = new Int32Array(place.buffer, place.offset, WAITS_OFFSET / 4)
    this.#waits = new BigInt64Array(place.buffer, place.offset + WAITS_OFFSET, 4)
    this.#bound = bound
    this.#spins = spins
  }

  lockRead(): void {
    if (this.tryRead()) return
    const since = performance.now()
    if (!this.#spin(() => this.tryRead())) this.#sleepToRead()
    this.#count(READS, READ_NS, since)
  }

  tryRead(): boolean {
    for (;;) {
      const state = Atomics.load(this.#words, STATE)
      const writersWait = (state & ALL_WAITING) !== 0
      if ((state & WRITER) !== 0 || (writersWait && state >>> PASSED_SHIFT >= this.#bound)) return false
      const next = state + READER + (writersWait ? PASSED : 0)
      if (Atomics.compareExchange(this.#words, STATE, state, next) === state) return true
    }
  }

  unlockRead(): void {
    if ((Atomics.load(this.#words, STATE) & READERS) === 0)
      throw new CohortError('internal', 'a lock was given back by a reader, and no reader has it')
    const before = Atomics.sub(this.#words, STATE, READER)
    const last = (before & READERS) === READER
    if (last && (before & ALL_WAITING) !== 0) this.#wake(WRITE_TURN, 1)
  }

  lockWrite(): void {
    if (this.tryWrite()) return
    const since = performance.now()
    // From here on readers are counted.
    Atomics.add(this.#words, STATE, WAITING)
    if (!this.#spin(() => this.#takeToWrite(WAITING))) this.#sleepToWrite()
    this.#count(WRITES, WRITE_NS, since)
  }

  tryWrite(): boolean {
    return this.#takeToWrite(0)
  }

  unlockWrite(): void {
    if ((Atomics.load(this.#words, STATE) & WRITER) === 0)
      throw new CohortError('internal', 'a lock was given back by a writer, and no writer has it')
    const before = Atomics.sub(this.#words, STATE, WRITER)
    if (Atomics.load(this.#words, READERS_ASLEEP) > 0) this.#wake(READ_TURN, Infinity)
    if ((before & ALL_WAITING) !== 0) this.#wake(WRITE_TURN, 1)
  }

  get waits(): LockWaits {
    const of = (word: number) => Number(Atomics.load(this.#waits, word))
    return { reads: of(READS), writes: of(WRITES), readNs: of(READ_NS), writeNs: of(WRITE_NS) }
  }

  /** `waiting`: what this writer has added to the word for its waiting. */
  #takeToWrite(waiting: number): boolean {
    for (;;) {
      const state = Atomics.load(this.#words, STATE)
      if ((state & (WRITER | READERS)) !== 0) return false
      const next = ((state | WRITER) & ~ALL_PASSED) - waiting
      if (Atomics.compareExchange(this.#words, STATE, state, next) === state) return true
    }
  }

  #spin(take: () => boolean): boolean {
    for (let spins = this.#spins; spins > 0; spins--) {
      relax()
      if (take()) return true
    }
    return false
  }

  // Who gives back changes the word and then looks who sleeps; who will sleep says so and then looks at the word. So
  // either the one sees the sleeper and wakes it, or the other sees that it need not sleep.
  #sleepToRead(): void {
    Atomics.add(this.#words, READERS_ASLEEP, 1)
    for (;;) {
      const turn = Atomics.load(this.#words, READ_TURN)
      if (this.tryRead()) break
      Atomics.wait(this.#words, READ_TURN, turn)
    }
    Atomics.sub(this.#words, READERS_ASLEEP, 1)
  }

  #sleepToWrite(): void {
    for (;;) {
      const turn = Atomics.load(this.#words, WRITE_TURN)
      if (this.#takeToWrite(WAITING)) return
      Atomics.wait(this.#words, WRITE_TURN, turn)
    }
  }

  #wake(turn: number, most: number): void {
    Atomics.add(this.#words, turn, 1)
    Atomics.notify(this.#words, turn, most)
  }

  #count(times: number, ns: number, since: number): void {
    Atomics.add(this.#waits, times, 1n)
    Atomics.add(this.#waits, ns, BigInt(Math.round(1e6 * (performance.now() - since))))
  }
}
