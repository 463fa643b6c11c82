// leg: commit. Writes rows, result and mark in one script, which publishes the answer. Next: notify, in the producer
import type { SharedMemory } from '@cohort/cache'
import { CohortError } from '@cohort/contracts'
import { jobKey } from '@cohort/queue'
import type { CommitPart, Store } from '@cohort/store'
import { type Log, nowMs } from '@cohort/telemetry'
import type { ComputedJob } from './dispatch.js'
import { resultText } from './result.js'
import { drawRows, type JobSlot } from './slot.js'

export interface CommitNeeds {
  readonly memory: SharedMemory
  readonly store: Pick<Store, 'blocks'>
  readonly log: Log
}

/**
 * Resolves when the job is answered: by this run, or by one before (`already`: its stored result was published again).
 * A job that no longer exists (`gone`) was answered by another worker while this one slept: nothing was written.
 * Rejects with `stale_too_often` where a block is not as it was loaded: the job is to be loaded and computed again.
 */
export async function commit({ memory, store, log }: CommitNeeds, computed: ComputedJob): Promise<void> {
  const commitMs = nowMs()
  const { id, job, slots } = computed
  const result = await resultText(memory.buffer, computed, commitMs)
  const parts = slots.map((slot) => commitPart(memory.buffer, slot))
  const commit = await store.blocks.commit({
    jobId: id,
    jobKey: jobKey(id),
    result,
    channel: job.channel,
    parts,
  })
  if (commit.outcome === 'done') return log.debug('a job is done', { job: id, steps: job.count })
  if (commit.outcome !== 'stale')
    return log.debug('a job was done before; nothing was written', { job: id, outcome: commit.outcome })
  const changed = commit.parts
    .map((at) => slots[at]?.part)
    .map((part) => `${part?.population}:${part?.block}`)
  throw new CohortError('stale_too_often', `changed since they were loaded: ${changed.join(', ')}`)
}

function commitPart(buffer: ArrayBufferLike, place: JobSlot): CommitPart {
  const { part, stored } = place
  return {
    population: part.population,
    generation: part.generation,
    block: part.block,
    rowIndex: stored.whole ? null : (part.index ?? null),
    expectedVersion: stored.version,
    expectedHash: stored.rowsHash,
    rows: drawRows(buffer, place),
  }
}
