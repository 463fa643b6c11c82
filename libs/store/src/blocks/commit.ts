// Applies a job once: rows, result and mark together, or nothing (scripts/commit.lua). Used at leg commit.
import { hash } from 'node:crypto'
import { CohortError, RESULT_VERSION, SHARD_TAG } from '@cohort/contracts'
import type { Redis } from 'ioredis'
import { keys } from '../keys.js'
import { run } from '../scripts.js'
import { packRuns } from './runs.js'
import type { CommitOutcome, CommitPart, CommitRequest } from './seam.js'

/** A larger result is not published itself: subscribers get a pointer and read it where it is stored. */
export const INLINE_RESULT_BYTES = 256 * 1024
const NONCE_BYTES = 8
const WHOLE = Buffer.alloc(0)

/** What is published instead of a result: too large, or, for a job answered before, forgotten since. */
export interface Pointer {
  readonly v: typeof RESULT_VERSION
  readonly jobId: string
  readonly stored: true
}

/** Without parts it stores, marks and publishes an answer alone: that of a job that failed. */
export async function commitJob(
  redis: Redis,
  request: CommitRequest,
  resultTtlSeconds: number,
): Promise<CommitOutcome> {
  const { jobId, jobKey, result, channel, parts } = request
  check(request)
  const pointer: Pointer = { v: RESULT_VERSION, jobId, stored: true }
  const nonce = hash('sha256', jobId, 'buffer').subarray(0, NONCE_BYTES)
  const [outcome, ...stale] = await run(redis, 'commit', {
    keys: [jobKey, keys.result(jobId), ...parts.map((part) => keys.block(part.population, part.block))],
    args: [
      result,
      resultTtlSeconds,
      channel,
      JSON.stringify(pointer),
      INLINE_RESULT_BYTES,
      nonce,
      ...parts.flatMap(partArguments),
    ],
  })
  return outcome === 'stale' ? { outcome, parts: stale } : { outcome }
}

function partArguments({
  generation,
  rowIndex,
  expectedVersion,
  expectedHash,
  rows,
}: CommitPart): (string | Buffer)[] {
  const expected = rowIndex === null ? bytesOf(expectedVersion) : (expectedHash ?? '')
  return [
    Buffer.from(generation, 'hex'),
    expected,
    rowIndex === null ? WHOLE : packRuns(rowIndex),
    bytesOf(rows),
  ]
}

/** ioredis would write a bare Uint8Array as a list of numbers. Shares the bytes. */
const bytesOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** What would corrupt rows silently; the script holds the lengths against the record. */
function check({ jobKey, parts }: CommitRequest): void {
  const must = (holds: boolean, sentence: string) => {
    if (!holds) throw new CohortError('internal', sentence)
  }
  must(jobKey.startsWith(`${SHARD_TAG}:`), `the job’s key ${jobKey} is not of shard ${SHARD_TAG}`)
  const rowsOf = new Map<string, readonly number[] | null>()
  for (const { population, block, rowIndex } of parts) {
    const key = keys.block(population, block)
    const before = rowsOf.get(key)
    must(rowIndex === null || rowIndex.length > 0, `a part of ${key} without rows`)
    must(before === undefined || areApart(before, rowIndex), `rows of ${key} are in the job twice`)
    rowsOf.set(key, before === undefined || rowIndex === null ? rowIndex : [...(before ?? []), ...rowIndex])
  }
}

const areApart = (some: readonly number[] | null, others: readonly number[] | null): boolean =>
  some !== null && others !== null && new Set([...some, ...others]).size === some.length + others.length
