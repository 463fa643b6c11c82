// A bounded ring of records of numbers, from one thread to another: nobody waits for anybody. Told by index.ts
import { CohortError } from '@cohort/contracts'
import { LINE, mustCount, mustLie, type Place, wholeLines } from './place.js'

export interface RingShape {
  /** How many there is room for: a power of two. */
  readonly records: number
  /** Numbers in each. */
  readonly fields: number
}

const WORDS = LINE / 4
/** On the consumer's line: how many records have been taken, modulo 2^32. */
const TAKEN = 0
/** On the producer's line: how many have been published, modulo 2^32, and how many found no room. */
const PUBLISHED = WORDS
const DROPPED = WORDS + 1
const HEAD_BYTES = 2 * LINE
const MOST_RECORDS = 2 ** 24
const MOST_FIELDS = 2 ** 10

/**
 * Records of `fields` doubles, from one producer to one consumer, first in first out. Promises:
 *
 * - a record that was taken is one that was pushed, whole; each is taken once, in the order in which they were pushed;
 * - neither side ever waits: `push` into a full ring drops the record, says so and counts it, `pop` of an empty one
 *   says so;
 * - the two sides write to different cache lines, and look at each other's only when their own knowledge is used up.
 *
 * A record is written plainly and then published by an atomic store, and read plainly after an atomic load that saw
 * it: the two never touch the same record at once (test/interleavings holds it). One thread pushes and one pops at
 * a time, each with a Ring of its own over the same place; one that comes after another goes on where that one stopped.
 * There is no wake-up in it: who pops is told otherwise, or looks now and then.
 */
export class Ring {
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #records: Float64Array<SharedArrayBuffer>
  readonly #shape: RingShape
  readonly #mask: number
  /** What this side last saw of the other one. */
  #seenTaken: number
  #seenPublished: number

  /** Bytes that it takes. */
  static bytes({ records, fields }: RingShape): number {
    mustCount('records', records, MOST_RECORDS)
    mustCount('fields', fields, MOST_FIELDS)
    if ((records & (records - 1)) !== 0)
      throw new CohortError('internal', `a ring of ${records} records: not a power of two`)
    return HEAD_BYTES + wholeLines(8 * records * fields)
  }

  constructor(place: Place, shape: RingShape) {
    mustLie(place, Ring.bytes(shape))
    this.#words = new Int32Array(place.buffer, place.offset, HEAD_BYTES / 4)
    this.#records = new Float64Array(place.buffer, place.offset + HEAD_BYTES, shape.records * shape.fields)
    this.#shape = shape
    this.#mask = shape.records - 1
    this.#seenTaken = Atomics.load(this.#words, TAKEN)
    this.#seenPublished = Atomics.load(this.#words, PUBLISHED)
  }

  /** Producer: false, and the record is gone and counted, where there is no room. */
  push(record: ArrayLike<number>): boolean {
    const { records, fields } = this.#shape
    const published = Atomics.load(this.#words, PUBLISHED)
    if (((published - this.#seenTaken) | 0) >= records) {
      this.#seenTaken = Atomics.load(this.#words, TAKEN)
      if (((published - this.#seenTaken) | 0) >= records) {
        Atomics.store(this.#words, DROPPED, Atomics.load(this.#words, DROPPED) + 1)
        return false
      }
    }
    const from = (published & this.#mask) * fields
    for (let field = 0; field < fields; field++) this.#records[from + field] = record[field] ?? Number.NaN
    Atomics.store(this.#words, PUBLISHED, published + 1)
    return true
  }

  /** Consumer: the oldest record is written to `into`; false where there is none. */
  pop(into: Float64Array): boolean {
    const { fields } = this.#shape
    const taken = Atomics.load(this.#words, TAKEN)
    if (taken === this.#seenPublished) {
      this.#seenPublished = Atomics.load(this.#words, PUBLISHED)
      if (taken === this.#seenPublished) return false
    }
    const from = (taken & this.#mask) * fields
    for (let field = 0; field < fields; field++) into[field] = this.#records[from + field] ?? Number.NaN
    Atomics.store(this.#words, TAKEN, taken + 1)
    return true
  }

  /** How many records found no room since the memory was fresh, modulo 2^32. */
  get dropped(): number {
    return Atomics.load(this.#words, DROPPED) >>> 0
  }
}
