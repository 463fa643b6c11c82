// The way of one job through a worker, and the page to read first: take → load → dispatch → commit.
//
// The main thread only moves bytes: it never computes. What computes is `thread/compute.ts`, on the pool's threads, in
// place in the job's slots of the shared arena. A job that runs twice (its worker died, or was taken for dead) is
// harmless: `commit` is a compare-and-set that finds the mark of the first run and publishes the result once more.
import { nowMs } from '@cohort/telemetry'
import { commit, type CommitNeeds } from './commit.js'
import { dispatch, type DispatchNeeds } from './dispatch.js'
import { load, type LoadNeeds } from './load.js'
import { reportOf, type JobReport } from './report.js'
import { take } from './take.js'
import { tryAgain } from './try-again.js'
import type { BlockLocks } from './block-locks.js'

/** What the legs need; put together once, in `worker.module.ts`. */
export interface JobNeeds extends LoadNeeds, DispatchNeeds, CommitNeeds {
  readonly locks: BlockLocks
}

/**
 * Runs one job of the queue to its committed result.
 *
 * Rejects with a CohortError: `invalid_job` and other refusals fail the job alone, at once; what is transient (Redis
 * away, blocks that changed under every attempt) lets the queue deliver it again.
 */
export async function runJob(needs: JobNeeds, id: string, data: unknown): Promise<JobReport> {
  const taken = take(id, data)
  const release = await needs.locks.acquire(taken.blocks)
  const held = { ...taken, heldMs: nowMs() }
  try {
    // A commit that lost a race, or a thread that died, leaves the blocks as they are: the whole way is gone again.
    return await tryAgain(async (tries) => {
      const loaded = await load(needs, held)
      try {
        const computed = await dispatch(needs, loaded, tries)
        return reportOf(computed, await commit(needs, computed), tries)
      } finally {
        loaded.release()
      }
    })
  } finally {
    release()
  }
}
