// What a thread of the lock benchmark is told to do, and how it is known to be right. Used by the files beside it
import type { MessagePort } from 'node:worker_threads'

export interface Task {
  readonly variant: number
  /** Fresh, all zeros. */
  readonly buffer: SharedArrayBuffer
  readonly me: number
  readonly threads: number
  /** Operations of this thread. */
  readonly times: number
  /** To the other one of two threads. */
  readonly port: MessagePort
}

export interface Variant {
  readonly case: string
  readonly variant: string
  /** How many of its operations it found right: all of them, or there is no figure. */
  readonly does: (task: Task) => number | Promise<number>
  /** Takes two threads, no more. */
  readonly pair?: boolean
  /** Says nothing of one thread. */
  readonly neverAlone?: boolean
  /** What the word behind the lock must be in the end. */
  readonly guards?: (times: number, threads: number) => number
  /** Nanoseconds that were waited, where the structure says. */
  readonly waitedNs?: (buffer: SharedArrayBuffer) => number
}
