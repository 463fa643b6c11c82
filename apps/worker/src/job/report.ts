// What became of a job, and when: what metrics and spans are made of. Returned by run-job.ts
import type { Job, Leg, WorkerMarks } from '@cohort/contracts'
import type { CommitOutcome } from '@cohort/store'
import type { ComputedJob, ComputedTask } from './dispatch.js'

/** How a job ended that was computed. All times are milliseconds since 1970, on this worker's clock. */
export interface Committed {
  /** When each leg began. */
  readonly marks: WorkerMarks
  /** When the commit had its answer. */
  readonly committedMs: number
  /** A stale commit is no end: the job goes its way again. */
  readonly outcome: Exclude<CommitOutcome['outcome'], 'stale'>
  /** Rows that did not step. */
  readonly failedRows: number
}

export interface JobReport extends Committed {
  readonly id: string
  readonly job: Job
  /** When the job alone had its blocks: the wait for them is the beginning of leg load. */
  readonly heldMs: number
  readonly tasks: readonly ComputedTask[]
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

export const reportOf = (
  { id, job, heldMs, tasks }: ComputedJob,
  committed: Committed,
  tries: number,
): JobReport => ({ id, job, heldMs, tasks, ...committed, tries })

/** What a worker knows of; the others are a producer's. */
export type WorkerLeg = Exclude<Leg, 'admit' | 'gather' | 'notify'>

export interface LegTime {
  readonly leg: WorkerLeg
  readonly fromMs: number
  readonly toMs: number
}

/** A clock that is off by more says nothing of the time on the queue; a job put there by hand may say anything. */
const LONGEST_QUEUE_MS = 86_400_000

/** From the queue, where its time is known, to the commit: each ends where the next begins. */
export function legsOf({
  job,
  marks,
  committedMs,
}: Pick<JobReport, 'job' | 'marks' | 'committedMs'>): LegTime[] {
  const legs: LegTime[] = [
    { leg: 'take', fromMs: marks.taken, toMs: marks.load },
    { leg: 'load', fromMs: marks.load, toMs: marks.dispatch },
    { leg: 'dispatch', fromMs: marks.dispatch, toMs: marks.compute },
    { leg: 'compute', fromMs: marks.compute, toMs: marks.commit },
    { leg: 'commit', fromMs: marks.commit, toMs: committedMs },
  ]
  if (marks.taken - job.addedMs >= LONGEST_QUEUE_MS) return legs
  // Two machines, two clocks: a job that was taken before it was added took no time on the queue.
  return [{ leg: 'queue', fromMs: Math.min(job.addedMs, marks.taken), toMs: marks.taken }, ...legs]
}
