// A batch from its record and the stored answers: the same from any producer, also after a restart.
import { CohortError, type Batch, type BatchId, type JobResult } from '@cohort/contracts'
import type { BatchRecord } from '@cohort/store'
import { assembleBatch } from './assemble.js'
import { lookUpJobs, type LookUpNeeds } from './look-up.js'
import { laterCommit, timingsOf } from './timings.js'

/** Jobs looked up in one go: the first one that is still under way decides, so that most batches take one. */
const CHUNK = 16

/** Throws `unknown_batch`. */
export async function readRecord({ store }: Pick<LookUpNeeds, 'store'>, id: BatchId): Promise<BatchRecord> {
  const record = await store.batches.read(id)
  if (record === undefined) throw new CohortError('unknown_batch', `there is no batch ${id}, or no longer`)
  return record
}

/** Throws `unknown_batch`. */
export async function readBatch(needs: LookUpNeeds, id: BatchId): Promise<Batch> {
  const record = await readRecord(needs, id)
  const answers: JobResult[] = []
  for (let from = 0; from < record.jobs.length; from += CHUNK) {
    const chunk = record.jobs.slice(from, from + CHUNK)
    const outcomes = await lookUpJobs(
      needs,
      chunk.map(({ jobId }) => jobId),
    )
    const states = new Set(outcomes.map(({ state }) => state))
    if (states.has('gone')) return { batchId: id, status: 'expired' }
    if (states.has('queued') || states.has('active')) {
      const begun = answers.length > 0 || states.has('active') || states.has('answered')
      return { batchId: id, status: begun ? 'active' : 'queued' }
    }
    for (const outcome of outcomes) if (outcome.state === 'answered') answers.push(outcome.result)
  }
  const { status, results, errors } = assembleBatch(record, answers)
  return {
    batchId: id,
    status,
    results,
    errors: [...errors],
    ...timingsOf(record, answers.reduce(laterCommit, undefined)),
  }
}
