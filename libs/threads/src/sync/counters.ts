// Counters of each thread that any thread may read: each thread's on cache lines of its own. Told by index.ts
import { mustCount, mustLie, type Place, wholeLines } from './place.js'

export interface CountersShape {
  readonly threads: number
  /** Of each thread. */
  readonly counters: number
}

const WORD = 8
const MOST = 2 ** 20

/**
 * Numbers that each of a few threads counts for itself, and anyone reads. Promises:
 *
 * - a value is one of those that its writer has stored, whole: 64 bits, a double, so whole numbers up to 2^53;
 * - nobody waits: a write is one atomic store, a read one atomic load;
 * - no two threads' counters share a cache line, so that a thread counts at the speed of its own cache;
 * - `total` adds values that are each right, but not all of one moment.
 *
 * One writer a thread at a time; one that comes after another goes on from its values. Nothing here counts for two
 * threads at once: what is counted twice in the same place needs `Atomics.add`.
 */
export class Counters {
  readonly #shape: CountersShape
  readonly #place: Place
  /** Words from one thread's counters to the next one's. */
  readonly #stride: number
  readonly #words: BigInt64Array<SharedArrayBuffer>

  /** Bytes that it takes. */
  static bytes({ threads, counters }: CountersShape): number {
    mustCount('threads', threads, MOST)
    mustCount('counters', counters, MOST)
    return threads * wholeLines(WORD * counters)
  }

  constructor(place: Place, shape: CountersShape) {
    mustLie(place, Counters.bytes(shape))
    this.#shape = shape
    this.#place = place
    this.#stride = wholeLines(WORD * shape.counters) / WORD
    this.#words = new BigInt64Array(place.buffer, place.offset, shape.threads * this.#stride)
  }

  /** For the one thread that writes them. */
  writer(thread: number): CounterWriter {
    mustCount('thread', thread + 1, this.#shape.threads)
    const { buffer, offset } = this.#place
    return new CounterWriter(
      new BigInt64Array(buffer, offset + WORD * this.#stride * thread, this.#shape.counters),
    )
  }

  read(thread: number, counter: number): number {
    mustCount('thread', thread + 1, this.#shape.threads)
    mustCount('counter', counter + 1, this.#shape.counters)
    return doubleOf(Atomics.load(this.#words, thread * this.#stride + counter))
  }

  /** Of all threads. */
  total(counter: number): number {
    let sum = 0
    for (let thread = 0; thread < this.#shape.threads; thread++) sum += this.read(thread, counter)
    return sum
  }
}

/** The side of the thread that counts; made by `Counters.writer`. */
export class CounterWriter {
  readonly #words: BigInt64Array<SharedArrayBuffer>
  /** What this thread has stored last: nobody else stores there, so it need not look. */
  readonly #values: Float64Array
  readonly #bits: BigInt64Array

  constructor(words: BigInt64Array<SharedArrayBuffer>) {
    this.#words = words
    this.#values = new Float64Array(words.length)
    this.#bits = new BigInt64Array(this.#values.buffer)
    for (let counter = 0; counter < words.length; counter++)
      this.#bits[counter] = Atomics.load(words, counter)
  }

  add(counter: number, amount: number): void {
    this.set(counter, (this.#values[counter] ?? 0) + amount)
  }

  /** Throws RangeError for a counter that there is not, as Atomics does. */
  set(counter: number, value: number): void {
    this.#values[counter] = value
    Atomics.store(this.#words, counter, this.#bits[counter] ?? 0n)
  }
}

const asDouble = new Float64Array(1)
const asBits = new BigInt64Array(asDouble.buffer)

function doubleOf(bits: bigint): number {
  asBits[0] = bits
  return asDouble[0] ?? 0
}
