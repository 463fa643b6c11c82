// Which of a fixed number of slots are free, for threads that take and give back at once. Used by index.ts
import { CohortError } from '@cohort/contracts'
import { ALIGNMENT, roundUp } from './region.js'

const MOST = 2 ** 24
/** Of a slot that is lent out, in place of its link. */
const LENT = -(2 ** 31)

/**
 * A stack of the numbers from 0 to `slots` − 1, taken and given back by any number of threads. Promises:
 *
 * - a slot has at most one owner: none is lent twice, and none is lost while its owner lives;
 * - no thread waits for another: whoever is stopped, somebody gets on (lock-free);
 * - `take` finds a slot where one is free at a moment of the call; the one that was given back last comes first, for it
 *   is still in a cache;
 * - giving back what is not lent out throws CohortError internal and changes nothing.
 *
 * The head is one 64-bit word: the first free slot and a number that grows with each change. Without the number a
 * thread that read the head and its link, and was held up while that slot went and came back (A, B, A), would put a
 * link in that no longer holds; with it its compare-exchange fails. It comes round after 2^32 changes: a thread that is
 * held up for exactly so many between two lines is not promised anything. The slots of a thread that dies stay lent.
 *
 * All zeros is a list in which every slot is free, slot 0 first: a link is kept as its distance from the next one.
 */
export class FreeList {
  readonly slots: number
  readonly #head: BigInt64Array<SharedArrayBuffer>
  readonly #links: Int32Array<SharedArrayBuffer>
  // The two halves of a head and the whole of it, on the same bytes: [slot, number].
  readonly #halves = new Int32Array(2)
  readonly #whole = new BigInt64Array(this.#halves.buffer)

  /** Bytes that it takes. */
  static bytes(slots: number): number {
    if (!Number.isSafeInteger(slots) || slots < 1 || slots > MOST)
      throw new CohortError('internal', `a free list of ${slots} slots: not from 1 to ${MOST}`)
    return ALIGNMENT + roundUp(4 * slots)
  }

  /** At `offset`, a multiple of 64, of memory that is all zeros or holds a list of as many slots. */
  constructor(buffer: SharedArrayBuffer, offset: number, slots: number) {
    const bytes = FreeList.bytes(slots)
    const lies = Number.isSafeInteger(offset) && offset >= 0 && offset % ALIGNMENT === 0
    if (!lies || offset + bytes > buffer.byteLength)
      throw new CohortError('internal', `a free list of ${bytes} bytes cannot lie at byte ${offset}`)
    this.slots = slots
    this.#head = new BigInt64Array(buffer, offset, 1)
    this.#links = new Int32Array(buffer, offset + ALIGNMENT, slots)
  }

  /** A slot that is now this caller's; undefined where none is free. */
  take(): number | undefined {
    for (;;) {
      const head = Atomics.load(this.#head, 0)
      const slot = this.#slotOf(head)
      if (slot === this.slots) return undefined
      // Of a slot that has gone meanwhile this is anything; then the exchange fails.
      const next = Atomics.load(this.#links, slot) + slot + 1
      if (!this.#replace(head, next)) continue
      Atomics.store(this.#links, slot, LENT)
      return slot
    }
  }

  /** Gives back what `take` gave, once; by any thread. */
  giveBack(slot: number): void {
    let head = Atomics.load(this.#head, 0)
    const known = Number.isSafeInteger(slot) && slot >= 0 && slot < this.slots
    if (!known || Atomics.compareExchange(this.#links, slot, LENT, this.#linkTo(head, slot)) !== LENT)
      throw new CohortError('internal', `slot ${slot} was given back but is not lent out`)
    while (!this.#replace(head, slot)) {
      head = Atomics.load(this.#head, 0)
      Atomics.store(this.#links, slot, this.#linkTo(head, slot))
    }
  }

  #linkTo(head: bigint, from: number): number {
    return this.#slotOf(head) - from - 1
  }

  #slotOf(head: bigint): number {
    this.#whole[0] = head
    return this.#halves[0] ?? this.slots
  }

  /** A head with this slot and the next number in place of that one, if it still is. */
  #replace(head: bigint, slot: number): boolean {
    this.#whole[0] = head
    this.#halves[0] = slot
    this.#halves[1] = (this.#halves[1] ?? 0) + 1
    return Atomics.compareExchange(this.#head, 0, head, this.#whole[0] ?? 0n) === head
  }
}
