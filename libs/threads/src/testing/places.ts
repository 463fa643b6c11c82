// Where tests and their threads meet in the shared memory, as Int32. Used by thread.ts, test-pool.ts
export const GATE = 0
export const REFUSE_TO_START = 1
export const ENTERED = 2
/** Never written: a loop that looks there never ends. */
export const SPIN_ON = 3
export const LOG = 4
