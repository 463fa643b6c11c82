// What threads say of themselves while they run: words of shared memory, a cache line a seat. Used by pool-thread.ts

/** Of shared memory, 16 words a seat: two threads never write to one cache line. */
export type Board = Int32Array<SharedArrayBuffer>

const LINE = 16
/** The numbers of the tasks that it began and ended last, and microseconds that it has been busy, modulo 2³². */
const [BEGUN, ENDED, BUSY] = [0, 1, 2]

export const makeBoard = (seats: number): Board => new Int32Array(new SharedArrayBuffer(4 * LINE * seats))

/** Thread: it begins task `number`. Each word has one writer, the thread on the seat; so none is locked. */
export const begins = (board: Board, seat: number, number: number): void =>
  void Atomics.store(board, LINE * seat + BEGUN, number)

/** Thread: it has ended task `number`, after so many milliseconds. */
export function ends(board: Board, seat: number, number: number, ms: number): void {
  Atomics.add(board, LINE * seat + BUSY, Math.round(1000 * ms))
  Atomics.store(board, LINE * seat + ENDED, number)
}

export interface Seen {
  readonly begun: number
  readonly running: boolean
  /** Modulo 2³²: only differences tell something. */
  readonly busyUs: number
}

export function look(board: Board, seat: number): Seen {
  // In this order: a task that ends in between is seen as running, never one that runs as ended.
  const ended = Atomics.load(board, LINE * seat + ENDED)
  const begun = Atomics.load(board, LINE * seat + BEGUN)
  return { begun, running: begun !== ended, busyUs: Atomics.load(board, LINE * seat + BUSY) }
}

/** Milliseconds that it was busy between two looks, which are less than an hour apart. */
export const busyMsBetween = (before: Seen, now: Seen): number => ((now.busyUs - before.busyUs) >>> 0) / 1000
