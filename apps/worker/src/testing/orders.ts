// For tests: what a dangerous thread can be told, and where. Used by dangerous-thread.ts

/** Where in the arena it looks: the first line is nobody's. */
export const ORDER_WORD = 1
export const ORDERS = { none: 0, exit: 1, crash: 2, hang: 3, fillHeap: 4 } as const
