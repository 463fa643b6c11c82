// Which thread sits on which CPU: a shared table. Used by pool.ts, enter-thread.ts

/** Of shared memory: `[changes, owner, cpu, owner, cpu, …]`. */
export type Seats = Int32Array<SharedArrayBuffer>

const CHANGES = 0
const FIRST = 1
const STRIDE = 2
/** No thread's id: the main thread is 0 and never takes a seat. */
const FREE = 0
const NO_CPU = -1

/** A seat per thread: the first ones have the CPUs that there are, the rest none. */
export function makeSeats(threads: number, cpus: readonly number[]): Seats {
  const seats = new Int32Array(new SharedArrayBuffer(4 * (FIRST + STRIDE * threads)))
  for (let seat = 0; seat < threads; seat++) seats[FIRST + STRIDE * seat + 1] = cpus[seat] ?? NO_CPU
  return seats
}

export interface Seat {
  /** From 0; a thread that replaces another has the seat of that one. */
  readonly seat: number
  readonly cpu: number | null
}

/**
 * A free seat for this thread: its CPU, or null for a seat without one. A seat is free, or owned by the id of
 * one thread; a thread takes a free one by compare-exchange, and only the main thread frees it, when its
 * owner has ended. So a thread that replaces another takes the seat of that one. It may come before the end
 * of the old one is known: then it waits. Undefined after `waitMs` without any seat becoming free.
 */
export function takeSeat(seats: Seats, threadId: number, waitMs: number): Seat | undefined {
  for (;;) {
    const seen = Atomics.load(seats, CHANGES)
    for (let at = FIRST; at < seats.length; at += STRIDE) {
      if (Atomics.compareExchange(seats, at, FREE, threadId) !== FREE) continue
      const cpu = seats[at + 1] ?? NO_CPU
      return { seat: (at - FIRST) / STRIDE, cpu: cpu === NO_CPU ? null : cpu }
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
