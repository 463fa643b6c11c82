// Which thread sits on which seat, and on which CPU: a shared table. Used by crew.ts, pool-thread.ts, enter-thread.ts

/** Of shared memory: `[changes, owner, cpu, owner, cpu, …]`. */
export type Seats = Int32Array<SharedArrayBuffer>

const CHANGES = 0
const FIRST = 1
const STRIDE = 2
/** No thread's id: the main thread is 0 and never takes a seat. */
const FREE = 0
const NO_CPU = -1

/** So many seats: the first ones have the CPUs that there are, the rest none. */
export function makeSeats(count: number, cpus: readonly number[]): Seats {
  const seats = new Int32Array(new SharedArrayBuffer(4 * (FIRST + STRIDE * count)))
  for (let seat = 0; seat < count; seat++) seats[FIRST + STRIDE * seat + 1] = cpus[seat] ?? NO_CPU
  return seats
}

export interface Seat {
  /** From 0; a thread that replaces another has the seat of that one. */
  readonly seat: number
  readonly cpu: number | null
}

/**
 * The seat for this thread, with its CPU, or null for a seat without one. A seat is free, or owned by the id of one
 * thread; a thread takes it by compare-exchange, and only the main thread frees it, when its owner has ended. A thread
 * that replaces another may come before the end of that one is known: then it waits, since what is a seat's own in
 * shared memory must not have two. Undefined after `waitMs`.
 */
export function takeSeat(
  seats: Seats,
  { seat, threadId }: { seat: number; threadId: number },
  waitMs: number,
): Seat | undefined {
  const at = FIRST + STRIDE * seat
  for (;;) {
    const seen = Atomics.load(seats, CHANGES)
    if (Atomics.compareExchange(seats, at, FREE, threadId) === FREE) {
      const cpu = seats[at + 1] ?? NO_CPU
      return { seat, cpu: cpu === NO_CPU ? null : cpu }
    }
    if (Atomics.wait(seats, CHANGES, seen, waitMs) === 'timed-out') return undefined
  }
}

/** Main thread: the seat of a thread that has ended is free again. Nothing where it had none. */
export function freeSeat(seats: Seats, threadId: number): void {
  for (let at = FIRST; at < seats.length; at += STRIDE) {
    if (Atomics.compareExchange(seats, at, threadId, FREE) !== threadId) continue
    Atomics.add(seats, CHANGES, 1)
    Atomics.notify(seats, CHANGES)
  }
}
