// leg: notify. What became of jobs, asked of Redis: for a batch that is read, and for an answer whose message
// was missed.
import type { JobResult } from '@cohort/contracts'
import type { StepQueue } from '@cohort/queue'
import type { Store } from '@cohort/store'

export interface LookUpParts {
  readonly store: Store
  readonly queue: StepQueue
}

/** `gone`: neither on the queue nor answered, or its result was kept for its time. */
export type JobOutcome =
  | { readonly state: 'answered'; readonly result: JobResult }
  | { readonly state: 'queued' | 'active' | 'gone' }

/**
 * The i-th outcome is that of `ids[i]`. A job that failed without leaving an answer is answered with its
 * reason.
 */
export async function lookUpJobs(parts: LookUpParts, ids: readonly string[]): Promise<JobOutcome[]> {
  const results = await parts.store.answers.read(ids)
  return Promise.all(ids.map((id, at) => outcomeOf(parts, id, results[at])))
}

async function outcomeOf(
  { store, queue }: LookUpParts,
  id: string,
  result: JobResult | undefined,
): Promise<JobOutcome> {
  if (result !== undefined) return { state: 'answered', result }
  const found = await queue.state(id)
  if (found.state === 'failed') {
    return {
      state: 'answered',
      result: { v: 1, jobId: id, ok: false, code: found.code, detail: found.detail },
    }
  }
  if (found.state !== 'gone') return found
  // It may have been answered between the two questions.
  const [late] = await store.answers.read([id])
  return late === undefined ? { state: 'gone' } : { state: 'answered', result: late }
}
