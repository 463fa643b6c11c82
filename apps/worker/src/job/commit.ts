// leg: commit. Writes rows, result and mark in one script, which publishes the answer. Next: notify, in the producer
import type { SharedMemory } from '@cohort/cache'
import { CohortError } from '@cohort/contracts'
import { jobKey } from '@cohort/queue'
import type { CommitPart, Store } from '@cohort/store'
import { type Log, nowMs } from '@cohort/telemetry'
import { batchesOf } from '../batches-of.js'
import type { ComputedJob } from './dispatch.js'
import { marksOf, type Committed } from './report.js'
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
export async function commit({ memory, store, log }: CommitNeeds, computed: ComputedJob): Promise<Committed> {
  const { id, job, slots } = computed
  const marks = marksOf(computed, nowMs())
  const { text, failedRows } = await resultText(memory.buffer, computed, marks)
  const parts = slots.map((slot) => commitPart(memory.buffer, slot))
  const commit = await store.blocks.commit({
    jobId: id,
    jobKey: jobKey(id),
    result: text,
    channel: job.channel,
    parts,
  })
  if (commit.outcome === 'stale') throw staleError(commit.parts, slots)
  const { outcome } = commit
  const facts = { job: id, batches: batchesOf(job), steps: job.count, outcome }
  log.debug(outcome === 'done' ? 'a job is done' : 'a job was done before; nothing was written', facts)
  return { marks, committedMs: nowMs(), outcome, failedRows }
}

function staleError(parts: readonly number[], slots: readonly JobSlot[]): CohortError {
  const changed = parts.map((at) => slots[at]?.part).map((part) => `${part?.population}:${part?.block}`)
  return new CohortError('stale_too_often', `changed since they were loaded: ${changed.join(', ')}`)
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
