// Creates a population: record, blocks a chunk at a time, ready. May be stopped anywhere and resumed.
import { randomBytes } from 'node:crypto'
import { BLOCK_AGENTS, CohortError } from '@cohort/contracts'
import type { Redis } from 'ioredis'
import { encodeBlock, GENERATION_AT, GENERATION_BYTES } from '../blocks/block-record.js'
import { keys } from '../keys.js'
import { answered, answeredAll } from '../redis-error.js'
import { queue, run } from '../scripts.js'
import { chunksOf, hashOf, recordOf, type PopulationRecord, type PopulationSpec } from './record.js'

/** A block's initial rows, one after the other. */
export type WriteBlock = (block: number) => Uint8Array

export interface CreatedPopulation {
  readonly outcome: 'created' | 'existed'
  readonly record: PopulationRecord
}

/** Blocks asked for in one round trip. */
const CHUNK_BLOCKS = 32
/** Bytes of new blocks that wait for one round trip; one block may be more. */
const CHUNK_BYTES = 1024 * 1024
/** Rows are a multiple of so many bytes. */
const ROW_ALIGNMENT = 32

export async function createPopulation(
  redis: Redis,
  spec: PopulationSpec,
  writeBlock: WriteBlock,
): Promise<CreatedPopulation> {
  const record = await begin(redis, spec)
  if (record.state === 'ready') return { outcome: 'existed', record }
  for (const blocks of chunksOf(record.blocks, CHUNK_BLOCKS)) {
    // Not written: this creation is over. Who ended it shows below.
    if (!(await writeMissing(redis, { record, blocks, writeBlock }))) break
  }
  await run(redis, 'population-ready', { keys: [keys.population(record.id)], args: [record.generation] })
  const now = recordOf(record.id, await answered(redis.hgetall(keys.population(record.id))))
  if (now?.generation !== record.generation || now.state !== 'ready') {
    throw new CohortError(
      'population_deleting',
      `population ${record.id} was deleted while it was being created`,
    )
  }
  return { outcome: 'created', record: now }
}

async function begin(
  redis: Redis,
  { id, modelId, count, seed, numerics }: PopulationSpec,
): Promise<PopulationRecord> {
  const generation = randomBytes(8).toString('hex')
  const reply = await run(redis, 'population-begin', {
    keys: [keys.population(id)],
    args: [generation, modelId, count, seed, numerics],
  })
  const record = recordOf(id, hashOf(reply))
  if (record === undefined)
    throw new CohortError('internal', `population ${id} has no record after its creation began`)
  if (record.modelId !== modelId || record.count !== count || record.seed !== seed) {
    const there = `${record.count} agents of model ${record.modelId} with seed ${record.seed}`
    throw new CohortError(
      'population_exists',
      `population ${id} has ${there}: choose another id, or delete it first`,
    )
  }
  if (record.state === 'deleting')
    throw new CohortError('population_deleting', `population ${id} is being deleted`)
  return record
}

interface Creation {
  readonly record: PopulationRecord
  readonly blocks: readonly number[]
  readonly writeBlock: WriteBlock
}

/** False where a write was refused. */
async function writeMissing(redis: Redis, { record, blocks, writeBlock }: Creation): Promise<boolean> {
  let pipeline = redis.pipeline()
  let bytes = 0
  for (const block of await missing(redis, record, blocks)) {
    const encoded = newBlock(record, block, writeBlock(block))
    const names = [keys.population(record.id), keys.block(record.id, block)]
    queue(pipeline, 'population-block', { keys: names, args: [record.generation, encoded] })
    bytes += encoded.length
    if (bytes < CHUNK_BYTES) continue
    if ((await answeredAll(pipeline)).includes(0)) return false
    pipeline = redis.pipeline()
    bytes = 0
  }
  return !(await answeredAll(pipeline)).includes(0)
}

/** Blocks that this creation lacks: one that was stopped, or one beside it, may have written some. */
async function missing(
  redis: Redis,
  { id, generation }: PopulationRecord,
  blocks: readonly number[],
): Promise<number[]> {
  const pipeline = redis.pipeline()
  for (const block of blocks)
    pipeline.getrangeBuffer(keys.block(id, block), GENERATION_AT, GENERATION_AT + GENERATION_BYTES - 1)
  const found = (await answeredAll(pipeline)) as Buffer[]
  return blocks.filter((_, i) => found[i]?.toString('hex') !== generation)
}

function newBlock(record: PopulationRecord, block: number, rows: Uint8Array): Buffer {
  const count = Math.min(BLOCK_AGENTS, record.count - block * BLOCK_AGENTS)
  if (rows.length === 0 || rows.length % (count * ROW_ALIGNMENT) !== 0) {
    throw new CohortError(
      'internal',
      `${rows.length} bytes are not ${count} rows of a multiple of ${ROW_ALIGNMENT}`,
    )
  }
  const { modelId, generation, numerics } = record
  return encodeBlock({ numerics, modelId, generation, count, rows })
}
