// What became of a job, and when: what metrics and spans are made of. Returned by run-job.ts
import type { Job, WorkerMarks } from '@cohort/contracts'
import type { CommitOutcome } from '@cohort/store'
import type { ComputedJob, ComputedTask } from './dispatch.js'

/** All times are milliseconds since 1970, on this worker's clock. */
export interface JobReport {
  readonly id: string
  readonly job: Job
  /** When each leg began. */
  readonly marks: WorkerMarks
  /** When the job alone had its blocks: the wait for them is the beginning of leg load. */
  readonly heldMs: number
  readonly tasks: readonly ComputedTask[]
  /** When the commit had its answer. */
  readonly committedMs: number
  /** A stale commit is no end: the job goes its way again. */
  readonly outcome: Exclude<CommitOutcome['outcome'], 'stale'>
  /** Rows that did not step. */
  readonly failedRows: number
  /** Times that the way from load to commit was gone; all but the last are in leg load. */
  readonly tries: number
}

export const marksOf = (computed: ComputedJob, commitMs: number): WorkerMarks => ({
  taken: computed.takenMs,
  load: computed.loadMs,
  dispatch: computed.dispatchMs,
  compute: computed.computeMs,
  commit: commitMs,
})
