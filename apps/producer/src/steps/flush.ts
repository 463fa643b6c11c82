// leg: gather. What goes on the queue in one go, and its way there. Next: libs/queue/src/enqueue.ts
import type { BatchId } from '@cohort/contracts'
import { jobKey, type QueuedJob, type StepQueue } from '@cohort/queue'
import type { ClaimedRecord, Store } from '@cohort/store'
import type { Tracing } from '@cohort/telemetry'
import { inTime } from '../in-time.js'
import type { AdmittedSteps } from './admit.js'
import { tracedPut, type TracedJob } from './traced-jobs.js'

export interface Flush {
  readonly pending: readonly AdmittedSteps[]
  /** records[i]: where the steps of pending[i] are. */
  readonly records: readonly ClaimedRecord[]
  /** In the order in which they are to be added. */
  readonly jobs: readonly TracedJob[]
  /** Where leg gather ends, of each of the jobs. */
  readonly addedMs: number
}

export interface PutNeeds {
  readonly store: Pick<Store, 'batches' | 'answers'>
  readonly queue: Pick<StepQueue, 'enqueue'>
  /** How long Redis may take for each of the two. */
  readonly redisMs: number
  readonly tracing?: Pick<Tracing, 'send'> | undefined
}

/**
 * Keeps which steps are in which job. Resolves with the batches that were not kept, since another one has taken
 * over their Idempotency-Key. Rejects with `redis_unavailable`: then no job was added.
 */
export const keepRecords = ({ store, redisMs }: PutNeeds, { records }: Flush): Promise<BatchId[]> =>
  inTime(redisMs, 'the queue', store.batches.write(records))

/**
 * Puts the jobs on the queue; resolves when it has them all. Rejects with `redis_unavailable` where nobody knows
 * whether it has: such steps may still be done, and the same Idempotency-Key finds them.
 */
export async function putOnQueue(
  { store, queue, redisMs, tracing }: PutNeeds,
  { jobs: traced }: Pick<Flush, 'jobs'>,
): Promise<void> {
  const put = async (jobs: readonly QueuedJob[]) => {
    if ((await queue.enqueue(jobs)) === 'once') return
    await store.answers.markAnswered(jobs.map(({ id }) => ({ jobId: id, jobKey: jobKey(id) })))
  }
  await tracedPut(tracing, traced, (jobs) => inTime(redisMs, 'the queue', put(jobs)))
}
