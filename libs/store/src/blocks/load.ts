// Reads the rows of a job's parts from Redis, with what a commit will compare. Used at leg load; next: commit.ts
import { hash } from 'node:crypto'
import { BY_ROW_PART, CohortError } from '@cohort/contracts'
import type { Redis } from 'ioredis'
import { keys } from '../keys.js'
import { answered, asCohortError, isWrongType } from '../redis-error.js'
import { queue } from '../scripts.js'
import { decodeHeader, HEADER_BYTES } from './block-record.js'
import { packRuns } from './runs.js'
import type { LoadedPart, LoadPart } from './seam.js'

/** What Redis holds of a part: its record's beginning and length, and the rows. */
interface RawPart {
  readonly record: Buffer
  readonly recordBytes: number
  readonly rows: Buffer
}

/** One round trip. Parts may be of different moments: a commit compares each of them. */
export async function loadParts(redis: Redis, parts: readonly LoadPart[]): Promise<LoadedPart[]> {
  const pipeline = redis.pipeline()
  for (const part of parts) {
    const key = keys.block(part.population, part.block)
    const index = rowsAlone(part)
    if (index === null) pipeline.getBuffer(key)
    else queue(pipeline, 'load-rows', { keys: [key], args: [packRuns(index)] })
  }
  const replies = (await answered(pipeline.exec())) ?? []
  return parts.map((part, i) => {
    const [error, reply] = replies[i] ?? [new Error('a pipeline answered too little'), null]
    if (isWrongType(error))
      return { state: 'corrupt', detail: 'the key holds another kind of value than a string' }
    if (error) throw asCohortError(error)
    const raw = rawPart(reply)
    return raw === null ? { state: 'gone' } : loadedPart(part, raw)
  })
}

/** With many rows the whole block is cheaper to compare than they are. */
const rowsAlone = ({ index }: LoadPart) => (index === null || index.length > BY_ROW_PART ? null : index)

function rawPart(reply: unknown): RawPart | null {
  if (reply === null) return null
  if (reply instanceof Buffer)
    return { record: reply, recordBytes: reply.length, rows: reply.subarray(HEADER_BYTES) }
  const [record, recordBytes, rows] = reply as [Buffer, number, Buffer]
  return { record, recordBytes, rows }
}

function loadedPart(part: LoadPart, { record, recordBytes, rows }: RawPart): LoadedPart {
  const decoded = decodeHeader(record, recordBytes)
  if (decoded.state === 'corrupt') return decoded
  const { generation, ...header } = decoded.header
  if (generation !== part.generation) return { state: 'gone' }
  const last = part.index?.at(-1) ?? 0
  if (last >= header.count) {
    throw new CohortError(
      'invalid_job',
      `row ${last} of block ${part.block} of ${part.population}, which has ${header.count}`,
    )
  }
  const whole = rowsAlone(part) === null
  return {
    state: 'found',
    ...header,
    version: decoded.version,
    rows,
    whole,
    rowsHash: whole ? null : hash('sha1', rows),
  }
}
