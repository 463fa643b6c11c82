// For tests: small populations whose rows tell which jobs were applied to them, and jobs that step them.
import { createHash } from 'node:crypto'
import { BLOCK_AGENTS, SHARD_TAG } from '@cohort/contracts'
import type { Redis } from 'ioredis'
import type { CommitOutcome, CommitPart, FoundPart, LoadPart } from '../blocks/seam.js'
import type { PopulationRecord } from '../population/record.js'
import type { Store } from '../store.js'

/** A row: step u64, then the number of each job that was applied to it, u8, in that order. */
export const ROW_BYTES = 64
const JOBS_AT = 8

export const MODEL_ID = createHash('sha256').update('a model').digest('hex')
export const CHANNEL = 'answers-of-a-test'

export async function aPopulation(store: Store, id: string, count = 600): Promise<PopulationRecord> {
  const spec = { id, modelId: MODEL_ID, count, seed: 7, numerics: 1 }
  return (await store.populations.create(spec, (block) => initialRows(count, block))).record
}

export const initialRows = (count: number, block: number): Buffer =>
  Buffer.alloc(ROW_BYTES * Math.min(BLOCK_AGENTS, count - block * BLOCK_AGENTS))

export const partOf = (
  { id, generation }: PopulationRecord,
  block: number,
  index: number[] | null = null,
): LoadPart => ({
  population: id,
  generation,
  block,
  index,
})

export interface TestJob {
  readonly jobId: string
  readonly jobKey: string
  readonly number: number
  readonly result: string
}

/** A job on the queue: BullMQ keeps a hash for it as long as it can be delivered. */
export async function addJob(redis: Redis, number: number, name = `j-${number}`): Promise<TestJob> {
  const job = {
    jobId: name,
    jobKey: `${SHARD_TAG}:steps:${name}`,
    number,
    result: JSON.stringify(resultOf(name)),
  }
  await redis.hset(job.jobKey, 'data', '{}')
  return job
}

/** What BullMQ does with a job that is over. */
export const removeJob = (redis: Redis, job: TestJob) => redis.del(job.jobKey)

const resultOf = (jobId: string) => ({ v: 1, jobId, ok: true, columns: {}, errors: [], marks: {} })

export interface Loaded {
  readonly part: LoadPart
  readonly found: FoundPart
}

export async function load(store: Store, parts: LoadPart[]): Promise<Loaded[]> {
  const loaded = await store.blocks.load(parts)
  return loaded.map((found, i) => {
    if (found.state !== 'found') throw new Error(`part ${i} is ${found.state}`)
    return { part: parts[i] as LoadPart, found }
  })
}

/** One step of the rows of a part, on a copy: the step counter, and the job's number at its place. */
export function stepped({ part, found }: Loaded, job: TestJob): CommitPart {
  const rows = Buffer.from(found.rows)
  const all = Array.from({ length: found.count }, (_, row) => row)
  const wanted = part.index ?? all
  wanted.forEach((row, i) => stepRow(rows, found.whole ? row : i, job.number))
  return {
    population: part.population,
    generation: part.generation,
    block: part.block,
    rowIndex: found.whole ? null : wanted,
    expectedVersion: found.version,
    expectedHash: found.rowsHash,
    rows,
  }
}

function stepRow(rows: Buffer, row: number, jobNumber: number): void {
  const at = row * ROW_BYTES
  const step = Number(rows.readBigUInt64LE(at))
  rows.writeUInt8(jobNumber, at + JOBS_AT + step)
  rows.writeBigUInt64LE(BigInt(step + 1), at)
}

export const commit = (store: Store, job: TestJob, loaded: Loaded[]): Promise<CommitOutcome> =>
  store.blocks.commit({ ...job, channel: CHANNEL, parts: loaded.map((one) => stepped(one, job)) })

/** Load, step and commit without anything between. */
export const runJob = async (store: Store, job: TestJob, parts: LoadPart[]): Promise<CommitOutcome> =>
  commit(store, job, await load(store, parts))

/** The numbers of the jobs that were applied to each row of a block, in their order. */
export async function appliedJobs(
  store: Store,
  population: PopulationRecord,
  block: number,
): Promise<number[][]> {
  const [loaded] = await load(store, [partOf(population, block)])
  if (loaded === undefined) throw new Error('nothing was loaded')
  const { rows, count } = loaded.found
  return Array.from({ length: count }, (_, row) => {
    const at = row * ROW_BYTES
    const step = Number(rows.readBigUInt64LE(at))
    return [...rows.subarray(at + JOBS_AT, at + JOBS_AT + step)]
  })
}
