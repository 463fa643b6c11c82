// leg: gather. Keeps which steps are in which job, then puts the jobs on the queue. Next:
// libs/queue/src/enqueue.ts
import type { LookUpParts } from '../batches/look-up.js'
import { inTime } from '../in-time.js'
import type { Flush } from './gather.js'

/**
 * Resolves when the queue has all jobs. Rejects with `redis_unavailable` where nobody knows whether it has, after
 * `redisMs` at the latest: such steps may still be done, and the same Idempotency-Key finds them.
 */
export async function putOnQueue(
  { store, queue }: LookUpParts,
  redisMs: number,
  { records, jobs }: Flush,
): Promise<void> {
  const put = async () => {
    await store.batches.write(records)
    await queue.enqueue(jobs)
  }
  await inTime(redisMs, 'the queue', put())
}
