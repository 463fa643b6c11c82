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

/** `ended`: `lookUpJobs` has what it answers. */
export interface JobState {
  readonly state: 'ended' | 'queued' | 'active' | 'gone'
}

/** The i-th outcome is that of `ids[i]`. A job that failed and left no answer is answered with its reason. */
export async function lookUpJobs(needs: LookUpNeeds, ids: readonly string[]): Promise<JobOutcome[]> {
  const results = await needs.store.answers.read(ids)
  return Promise.all(ids.map((id, at) => outcomeOf(needs, id, results[at])))
}

/** The i-th is that of `ids[i]`; no result is read. */
export function jobStates({ store, queue }: LookUpNeeds, ids: readonly string[]): Promise<JobState[]> {
  const kept = store.answers.areKept(ids)
  const stateOf = async (id: string, at: number): Promise<JobState> => {
    if ((await kept)[at] === true) return { state: 'ended' }
    const { state } = await queue.state(id)
    if (state === 'failed') return { state: 'ended' }
    if (state !== 'gone') return { state }
    // It may have been answered between the two questions.
    const [isLate] = await store.answers.areKept([id])
    return { state: isLate === true ? 'ended' : state }
  }
  return Promise.all(ids.map(stateOf))
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
