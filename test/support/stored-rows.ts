// The rows of a population's agents as they lie in Redis.
import type { Redis } from '@cohort/store'

const BLOCK_AGENTS = 256
const BLOCK_HEADER_BYTES = 64

/** One after the other, without the headers of their blocks. */
export async function storedRows(redis: Redis, population: string, count: number): Promise<Buffer> {
  const blocks = Array.from({ length: Math.ceil(count / BLOCK_AGENTS) }, (_, block) => block)
  const records = await Promise.all(blocks.map((block) => redis.getBuffer(`{s0}:b:${population}:${block}`)))
  return Buffer.concat(
    records.map((record, block) => {
      if (record === null) throw new Error(`no block ${block} of ${population}`)
      return record.subarray(BLOCK_HEADER_BYTES)
    }),
  )
}
