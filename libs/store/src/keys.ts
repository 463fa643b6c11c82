// Every Redis key and channel in one table. A shard’s keys share its hash tag: one script may touch them all.
import { SHARD_TAG, type BatchId, type ModelId, type PopulationId } from '@cohort/contracts'

/** Written in Redis once (`Store.checkLayout`); a process that knows another number refuses to start. */
export const SHARDS = 1

export const keys = {
  /** Hash: `shards`, `format`. */
  layout: `${SHARD_TAG}:meta`,
  /** Sorted set: workers by the time of their last beat, milliseconds on the server's clock. */
  workers: `${SHARD_TAG}:workers`,
  /** Hash: worker → what it says of itself, JSON. */
  workerInfo: `${SHARD_TAG}:workers:info`,
  /** Hash: `json` (the canonical model), `info` (JSON). */
  model: (id: ModelId) => `${SHARD_TAG}:m:${id}`,
  /** Hash: `state`, `generation`, `model`, `count`, `seed`, `numerics`. */
  population: (id: PopulationId) => `${SHARD_TAG}:p:${id}`,
  /** String: a block record (`blocks/block-record.ts`). */
  block: (population: PopulationId, block: number) => `${SHARD_TAG}:b:${population}:${block}`,
  /**
   * String: a job's result, JSON, with a time to live, never under `LEAST_RESULT_SECONDS`: a commit knows by it that a
   * job was answered.
   */
  result: (jobId: string) => `${SHARD_TAG}:r:${jobId}`,
  /** String: a batch's record, JSON, with a time to live. */
  batch: (id: BatchId) => `${SHARD_TAG}:t:${id}`,
  /** Hash: the batch that an Idempotency-Key stands for, with a time to live. */
  claim: (population: PopulationId, generation: string, key: string) =>
    `${SHARD_TAG}:i:${population}:${generation}:${key}`,
} as const

/** The channel on which a producer hears the answers to its jobs; `producer`: an id that no other producer has. */
export const answerChannel = (producer: string): string => `cohort:answers:${producer}`
