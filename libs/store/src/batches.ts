// What one request asked for, and which rows of which jobs answer it: in Redis, so that any producer can answer.
import {
  CohortError,
  RETURN_FIELDS,
  UNANSWERED_SECONDS,
  type BatchId,
  type PopulationId,
  type ReturnField,
} from '@cohort/contracts'
import type { Redis } from 'ioredis'
import { claimName, type ClaimKey } from './claims.js'
import { keys } from './keys.js'
import { answered, answeredAll } from './redis-error.js'
import { queue } from './scripts.js'

export interface BatchRecord {
  readonly id: BatchId
  readonly population: PopulationId
  /** The columns that were asked for. */
  readonly return: readonly ReturnField[]
  /** The agents in the order of the request. */
  readonly agents: ArrayLike<number>
  readonly jobs: readonly BatchJob[]
  readonly marks: BatchMarks
}

/** When each leg of the producer ended, milliseconds since 1970 on its clock. */
export interface BatchMarks {
  readonly arrived: number
  readonly admitted: number
  readonly added: number
}

/** The i-th entry of `rows` is a row of the job, that of `positions` where it stands in the request. */
export interface BatchJob {
  readonly jobId: string
  readonly rows: ArrayLike<number>
  readonly positions: ArrayLike<number>
}

/** A record, and the Idempotency-Key that its batch claimed, where it did. */
export interface ClaimedRecord {
  readonly record: BatchRecord
  readonly claim: ClaimKey | undefined
}

export interface Batches {
  /**
   * Written before the jobs are added: a batch that was answered 202 can be asked for. Returns those whose key was
   * taken over by another batch meanwhile: they have no record, and must get no job.
   */
  write(records: readonly ClaimedRecord[]): Promise<BatchId[]>
  /** They are answered: records and claims are kept as long as the answers from now on. */
  ended(records: readonly ClaimedRecord[]): Promise<void>
  read(id: BatchId): Promise<BatchRecord | undefined>
}

export function openBatches(redis: Redis, ttlSeconds: number): Batches {
  return {
    async write(records) {
      const pipeline = redis.pipeline()
      for (const { record, claim } of records) {
        const [name, text] = [keys.batch(record.id), encode(record)]
        if (claim === undefined) pipeline.set(name, text, 'EX', UNANSWERED_SECONDS)
        else {
          const args = [record.id, text, UNANSWERED_SECONDS]
          queue(pipeline, 'batch-write', { keys: [name, claimName(claim)], args })
        }
      }
      const replies = await answeredAll(pipeline)
      return records.flatMap(({ record }, at) => (replies[at] === 0 ? [record.id] : []))
    },
    async ended(records) {
      const pipeline = redis.pipeline()
      for (const { record, claim } of records) {
        pipeline.expire(keys.batch(record.id), ttlSeconds)
        if (claim !== undefined) pipeline.expire(claimName(claim), ttlSeconds)
      }
      await answeredAll(pipeline)
    },
    async read(id) {
      const text = await answered(redis.get(keys.batch(id)))
      return text === null ? undefined : decode(id, text)
    },
  }
}

const RECORD_VERSION = 1

/** `rows` and `positions` as text, one after the other. */
type EncodedJob = readonly [jobId: string, rows: string, positions: string]
interface EncodedRecord {
  readonly v: typeof RECORD_VERSION
  readonly population: string
  readonly return: readonly ReturnField[]
  readonly agents: string
  readonly jobs: readonly EncodedJob[]
  readonly marks: BatchMarks
}

function encode(record: BatchRecord): string {
  const encoded: EncodedRecord = {
    v: RECORD_VERSION,
    population: record.population,
    return: record.return,
    agents: packIntegers(record.agents),
    jobs: record.jobs.map(({ jobId, rows, positions }) => [
      jobId,
      packIntegers(rows),
      packIntegers(positions),
    ]),
    marks: record.marks,
  }
  return JSON.stringify(encoded)
}

function decode(id: BatchId, text: string): BatchRecord {
  try {
    const record = JSON.parse(text) as EncodedRecord
    if (record.v !== RECORD_VERSION) throw new Error(`version ${record.v}, known is ${RECORD_VERSION}`)
    const fields = record.return.filter((field) => RETURN_FIELDS.includes(field))
    const jobs = record.jobs.map(([jobId, rows, positions]) => ({
      jobId,
      rows: unpackIntegers(rows),
      positions: unpackIntegers(positions),
    }))
    const { population, marks } = record
    return { id, population, return: fields, agents: unpackIntegers(record.agents), jobs, marks }
  } catch (error) {
    throw new CohortError('corrupt_record', `the record of batch ${id} is damaged`, { cause: error })
  }
}

/** Neighbours as `first:count`: a million agents in 9 characters. Else base64 of u32, little-endian. */
function packIntegers(integers: ArrayLike<number>): string {
  const first = integers[0] ?? 0
  let neighbours = true
  for (let i = 0; i < integers.length && neighbours; i++) neighbours = integers[i] === first + i
  if (neighbours) return `${first}:${integers.length}`
  return Buffer.from(Uint32Array.from(integers).buffer).toString('base64')
}

function unpackIntegers(text: string): Uint32Array {
  const colon = text.indexOf(':')
  if (colon < 0) return new Uint32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
  const first = Number(text.slice(0, colon))
  const integers = new Uint32Array(Number(text.slice(colon + 1)))
  // Not `from` with a function: for a million agents that takes a tenth of a second.
  for (let i = 0; i < integers.length; i += 1) integers[i] = first + i
  return integers
}
