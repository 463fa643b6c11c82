// leg: gather. What goes on the queue in one go, and its way there. Next: libs/queue/src/enqueue.ts
import type { Job } from '@cohort/contracts'
import type { StepQueue } from '@cohort/queue'
import type { BatchRecord, Store } from '@cohort/store'
import { inTime } from '../in-time.js'
import type { AdmittedSteps } from './admit.js'

export interface Flush {
  readonly pending: readonly AdmittedSteps[]
  /** records[i]: where the steps of pending[i] are. */
  readonly records: readonly BatchRecord[]
  /** In the order in which they are to be added. */
  readonly jobs: readonly { readonly id: string; readonly job: Job }[]
}

interface PutNeeds {
  readonly store: Pick<Store, 'batches'>
  readonly queue: Pick<StepQueue, 'enqueue'>
  /** How long Redis may take. */
  readonly redisMs: number
}

/**
 * Keeps the records, then puts the jobs on the queue; resolves when it has them all. Rejects with
 * `redis_unavailable` where nobody knows whether it has, after `redisMs` at the latest: such steps may still
 * be done, and the same Idempotency-Key finds them.
 */
export async function putOnQueue(
  { store, queue, redisMs }: PutNeeds,
  { records, jobs }: Flush,
): Promise<void> {
  const put = async () => {
    await store.batches.write(records)
    await queue.enqueue(jobs)
  }
  await inTime(redisMs, 'the queue', put())
}
