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
  // Both go out on one connection, which keeps their order: the records are there before the first job is.
  const kept = store.batches.write(records)
  await inTime(redisMs, 'the queue', Promise.all([kept, queue.enqueue(jobs)]))
}
