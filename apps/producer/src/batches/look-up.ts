// leg: notify. What became of jobs, asked of Redis: for a batch that is read, or an answer that was missed.
import { failedResult, type JobResult } from '@cohort/contracts'
import type { StepQueue } from '@cohort/queue'
import type { Store } from '@cohort/store'

export interface LookUpNeeds {
  readonly store: Store
  readonly queue: StepQueue
}

/** `gone`: neither on the queue nor answered, or its result was kept for its time. */
export type JobOutcome =
  | { readonly state: 'answered'; readonly result: JobResult }
  | { readonly state: 'queued' | 'active' | 'gone' }

/** The i-th outcome is that of `ids[i]`. A job that failed and left no answer is answered with its reason. */
export async function lookUpJobs(needs: LookUpNeeds, ids: readonly string[]): Promise<JobOutcome[]> {
  const results = await needs.store.answers.read(ids)
  return Promise.all(ids.map((id, at) => outcomeOf(needs, id, results[at])))
}

async function outcomeOf(
  { store, queue }: LookUpNeeds,
  id: string,
  result: JobResult | undefined,
): Promise<JobOutcome> {
  if (result !== undefined) return { state: 'answered', result }
  const found = await queue.state(id)
  if (found.state === 'failed') return { state: 'answered', result: failedResult(id, found) }
  if (found.state !== 'gone') return found
  // It may have been answered between the two questions.
  const [late] = await store.answers.read([id])
  return late === undefined ? { state: 'gone' } : { state: 'answered', result: late }
}
