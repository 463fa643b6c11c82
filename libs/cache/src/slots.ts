// leg: load. Lends each job the bytes of the arena in which its rows are computed. Next: room.ts
import type { Arena } from './arena.js'
import { Room } from './room.js'

/** A job that has its slot must wait for nothing else before it releases it: see Arena. */
export class Slots {
  readonly #room: Room

  constructor(arena: Arena) {
    this.#room = new Room(arena.slots, () => false)
  }

  /** Jobs that wait for a slot. */
  get waiting(): number {
    return this.#room.waiting
  }

  /**
   * A 64-byte aligned offset, never 0. Waits, in order, while the slots are full; arena_full if it can never
   * fit.
   */
  acquire(bytes: number): Promise<number> {
    return this.#room.acquire(bytes)
  }

  release(offset: number): void {
    this.#room.release(offset)
  }
}
