// What a thread and its pool say to each other. Used by pool-thread.ts, enter-thread.ts
import type { ErrorCode } from '@cohort/contracts'
import type { BoardPlace } from './board.js'
import type { Seats } from './seats.js'

export interface ThreadFacts {
  /** Node's. */
  readonly threadId: number
  /** Its place in the pool, from 0: a thread that replaces another has that one's. */
  readonly seat: number
  /** The kernel's, a folder in /proc/PID/task; null where the platform has none. */
  readonly tid: number | null
  /** The only CPU that it runs on; null when it is not pinned. */
  readonly cpu: number | null
  /** Why it is not pinned, a sentence; undefined when it is. */
  readonly note: string | undefined
}

/** `workerData` of a thread of the pool. */
export interface ThreadStart<Data> {
  readonly seats: Seats
  readonly board: BoardPlace
  readonly seat: number
  readonly data: Data
}

/** The one message that a thread sends before its first task. */
export interface ThreadReport {
  readonly cohortThread: ThreadFacts
}

/** Tasks that a thread does one after the other; they are numbered from `first` on. */
export interface Bundle<Task> {
  readonly first: number
  readonly tasks: readonly Task[]
}

/** An error of a task crosses as data: as an error object it would lose its class and its code. */
export type Answer<Result> =
  | { readonly ok: true; readonly value: Result }
  | {
      readonly ok: false
      readonly code: ErrorCode
      readonly message: string
      readonly stack: string | undefined
    }
