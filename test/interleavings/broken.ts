// What the structures would be with a line left out: the checker must find each of them. Used by the tests here

/** A free list whose head is an index alone. */
export class TaglessList {
  readonly #words: Int32Array
  readonly #slots: number

  constructor(memory: SharedArrayBuffer, offset: number, slots: number) {
    this.#words = new Int32Array(memory, offset, slots + 1)
    this.#slots = slots
  }

  take(): number | undefined {
    for (;;) {
      const slot = Atomics.load(this.#words, 0)
      if (slot === this.#slots) return undefined
      const next = Atomics.load(this.#words, 1 + slot) + slot + 1
      if (Atomics.compareExchange(this.#words, 0, slot, next) === slot) return slot
    }
  }

  giveBack(slot: number): void {
    for (;;) {
      const head = Atomics.load(this.#words, 0)
      Atomics.store(this.#words, 1 + slot, head - slot - 1)
      if (Atomics.compareExchange(this.#words, 0, head, slot) === head) return
    }
  }
}

interface Place {
  readonly buffer: SharedArrayBuffer
  readonly offset: number
}

/** The producer of a ring of one record or two that publishes before it writes. */
export class HastyRing {
  readonly #words: Int32Array
  readonly #records: Float64Array

  constructor({ buffer, offset }: Place, { records, fields }: { records: number; fields: number }) {
    this.#words = new Int32Array(buffer, offset, 32)
    this.#records = new Float64Array(buffer, offset + 128, records * fields)
  }

  push(record: readonly number[]): boolean {
    Atomics.store(this.#words, 16, Atomics.load(this.#words, 16) + 1)
    for (const [field, value] of record.entries()) this.#records[field] = value
    return true
  }
}

/** A reader of a sequence lock that is content with an even number before. */
export class TrustingTable {
  readonly #words: Int32Array
  readonly #halves = new Int32Array(2)

  constructor({ buffer, offset }: Place, values: number) {
    this.#words = new Int32Array(buffer, offset, 16 + 2 * values)
  }

  read(into: Float64Array, tries: number): boolean {
    for (let tried = 0; tried < tries; tried++) {
      if ((Atomics.load(this.#words, 0) & 1) !== 0) continue
      for (let half = 0; half < 2; half++) this.#halves[half] = Atomics.load(this.#words, 16 + half)
      into.set(new Float64Array(this.#halves.buffer))
      return true
    }
    return false
  }
}

/** A lock whose owner wakes sleepers before it is free. */
export class EarlyLock {
  readonly #words: Int32Array

  constructor({ buffer, offset }: Place) {
    this.#words = new Int32Array(buffer, offset, 2)
  }

  lockWrite(): void {
    for (;;) {
      const turn = Atomics.load(this.#words, 1)
      if (Atomics.compareExchange(this.#words, 0, 0, 1) === 0) return
      Atomics.wait(this.#words, 1, turn)
    }
  }

  unlockWrite(): void {
    Atomics.add(this.#words, 1, 1)
    Atomics.notify(this.#words, 1)
    Atomics.store(this.#words, 0, 0)
  }
}

/** A lock that looks whether it is free and then takes it. */
export class LookingLock {
  readonly #words: Int32Array

  constructor({ buffer, offset }: Place) {
    this.#words = new Int32Array(buffer, offset, 1)
  }

  lockWrite(): void {
    while (Atomics.load(this.#words, 0) !== 0) Atomics.wait(this.#words, 0, 1)
    Atomics.store(this.#words, 0, 1)
  }

  unlockWrite(): void {
    Atomics.store(this.#words, 0, 0)
    Atomics.notify(this.#words, 0)
  }
}
