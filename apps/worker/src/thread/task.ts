// What the main thread asks of a compute thread, and what it answers: numbers and handles, never a matrix or a row.
import type { MatrixHandle, SharedMemory } from '@cohort/cache'
import type { Limits, ModelInfo } from '@cohort/contracts'
import type { KernelName, SlotExtras, Wanted } from '@cohort/inference'
import type { ThreadFacts } from '@cohort/threads'
import type { Segment } from '../job/cut-tasks.js'

/** What each thread is started with. */
export interface ThreadData {
  readonly memory: SharedMemory
  /** Where the scratch of the thread on seat 0 begins; that of the others lies behind. */
  readonly scratch: number
  readonly limits: Limits
}

/** Steps the rows of the segments in place. */
export interface ComputeTask {
  readonly kind: 'compute'
  readonly model: MatrixHandle
  readonly segments: readonly Segment[]
  readonly want: Wanted
  /** What the slots have been laid out for. */
  readonly extras: SlotExtras
}

/** Makes the bytes that go into the arena; `json` is a canonical model. */
export interface CompileTask {
  readonly kind: 'compile'
  readonly json: string
}

/** Where a task ran and when, milliseconds since 1970: it began, it had the model in view, its rows had stepped. */
export interface TaskTimes {
  readonly thread: Pick<ThreadFacts, 'threadId' | 'seat' | 'cpu'>
  readonly startMs: number
  readonly mappedMs: number
  readonly endMs: number
  /** Rows that stepped: those that could not, hardly took any time. */
  readonly stepped: number
}

export interface Computed {
  readonly kind: 'computed'
  readonly times: TaskTimes
}

export interface Compiled {
  readonly kind: 'compiled'
  /** In shared memory, so that nothing is copied on the way. */
  readonly bytes: Uint8Array
  readonly info: Omit<ModelInfo, 'modelId'>
  /** Multiplications of its dearest step, estimated. */
  readonly work: number
  /** Which kernel steps its agents. */
  readonly kernel: KernelName
}

export type Task = ComputeTask | CompileTask
export type TaskResult = Computed | Compiled
