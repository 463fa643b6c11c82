// What threads say of themselves while they run: counters in shared memory, by seat. Used by pool-thread.ts, crew.ts
import { Counters, type CounterWriter } from '../sync/counters.js'

/** Memory of a board, and for how many seats. */
export interface BoardPlace {
  readonly buffer: SharedArrayBuffer
  readonly seats: number
}

/** The numbers of the tasks that it began and ended last, and milliseconds that it has been busy. */
const [BEGUN, ENDED, BUSY] = [0, 1, 2]
const shapeOf = (seats: number) => ({ threads: seats, counters: 3 })

export const makeBoard = (seats: number): BoardPlace => ({
  buffer: new SharedArrayBuffer(Counters.bytes(shapeOf(seats))),
  seats,
})

const open = ({ buffer, seats }: BoardPlace): Counters => new Counters({ buffer, offset: 0 }, shapeOf(seats))

/** The thread's side: it begins task `number`, and ends it. */
export class BoardWriter {
  readonly #own: CounterWriter

  constructor(place: BoardPlace, seat: number) {
    const all = open(place)
    this.#own = all.writer(seat)
    // Of the thread before it, which may have died in the middle of a task.
    this.#own.set(ENDED, all.read(seat, BEGUN))
  }

  begins(number: number): void {
    this.#own.set(BEGUN, number)
  }

  /** After so many milliseconds. */
  ends(number: number, ms: number): void {
    this.#own.add(BUSY, ms)
    this.#own.set(ENDED, number)
  }
}

export interface Seen {
  readonly begun: number
  readonly running: boolean
  readonly busyMs: number
}

/** The main thread's side. */
export class Board {
  readonly #all: Counters

  constructor(place: BoardPlace) {
    this.#all = open(place)
  }

  look(seat: number): Seen {
    // In this order: a task that ends in between is seen as running, never one that runs as ended.
    const ended = this.#all.read(seat, ENDED)
    const begun = this.#all.read(seat, BEGUN)
    return { begun, running: begun !== ended, busyMs: this.#all.read(seat, BUSY) }
  }
}
