// Populations: created and deleted block by block, and the sums of their agents' steps.
import { CohortError, type PopulationId } from '@cohort/contracts'
import type { Redis } from 'ioredis'
import { keys } from './keys.js'
import { createPopulation, type CreatedPopulation, type WriteBlock } from './population/create.js'
import { chunksOf, recordOf, type PopulationRecord, type PopulationSpec } from './population/record.js'
import { answered } from './redis-error.js'
import { run } from './scripts.js'

export interface StepCounts {
  readonly total: number
  readonly min: number
  readonly max: number
}

export interface Populations {
  /**
   * Writes the record, then the blocks, then makes it ready. The same call again resumes where it stopped, also
   * beside one that still runs, or does nothing (`existed`). `writeBlock` is called for missing blocks only.
   * Errors: `population_exists` (of another model, count or seed), `population_deleting`.
   */
  create(spec: PopulationSpec, writeBlock: WriteBlock): Promise<CreatedPopulation>
  get(id: PopulationId): Promise<PopulationRecord | undefined>
  /** Zeros while it is being created. Exact to 2^53. Errors: `unknown_population`, `corrupt_record`. */
  steps(id: PopulationId): Promise<StepCounts>
  /** Removes blocks, then the record; the same call again goes on where it stopped. False: there was none. */
  delete(id: PopulationId): Promise<boolean>
}

/** Blocks summed up in one script, which holds the server for 1.5 ms. */
const SUMMED_BLOCKS = 16
/** Blocks removed in one script; the server frees them in the background. */
const REMOVED_BLOCKS = 256

export function openPopulations(redis: Redis): Populations {
  const get = async (id: PopulationId) => recordOf(id, await answered(redis.hgetall(keys.population(id))))
  return {
    get,
    create: (spec, writeBlock) => createPopulation(redis, spec, writeBlock),
    async steps(id) {
      const record = await get(id)
      if (record === undefined) throw new CohortError('unknown_population', `there is no population ${id}`)
      if (record.state === 'creating') return { total: 0, min: 0, max: 0 }
      const { damaged, ...counts } = await countSteps(redis, record)
      if (damaged === null) return counts
      const now = await get(id)
      if (now?.generation === record.generation && now.state === 'ready') {
        throw new CohortError('corrupt_record', `block ${damaged} of population ${id} is missing or damaged`)
      }
      throw new CohortError('unknown_population', `population ${id} was deleted meanwhile`)
    },
    async delete(id) {
      // A damaged record is reported before anything is changed.
      const record = await get(id)
      if (record === undefined) return false
      return removePopulation(redis, record)
    },
  }
}

async function countSteps(
  redis: Redis,
  { id, blocks, generation }: PopulationRecord,
): Promise<StepCounts & { readonly damaged: number | null }> {
  let [total, min, max] = [0, Infinity, 0]
  for (const chunk of chunksOf(blocks, SUMMED_BLOCKS)) {
    const [sum, least, most, damaged] = await run(redis, 'population-steps', {
      keys: chunk.map((block) => keys.block(id, block)),
      args: [Buffer.from(generation, 'hex')],
    })
    if (damaged > 0) return { total, min, max, damaged: chunk[damaged - 1] ?? 0 }
    total += sum
    min = Math.min(min, least)
    max = Math.max(max, most)
  }
  return { total, min, max, damaged: null }
}

/** False where it was gone, or another, when the deletion was to begin. */
async function removePopulation(
  redis: Redis,
  { id, blocks, generation }: PopulationRecord,
): Promise<boolean> {
  const record = keys.population(id)
  if ((await run(redis, 'population-delete', { keys: [record], args: [generation] })) === 0) return false
  for (const chunk of chunksOf(blocks, REMOVED_BLOCKS)) {
    const names = chunk.map((block) => keys.block(id, block))
    const isLast = chunk.at(-1) === blocks - 1
    // Not removed: another deletion of it has come to the end before.
    if (
      (await run(redis, 'population-unlink', {
        keys: [record, ...names],
        args: [generation, isLast ? 1 : 0],
      })) === 0
    )
      break
  }
  return true
}
