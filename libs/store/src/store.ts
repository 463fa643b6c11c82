// Puts the store together on one connection: models, populations, blocks, batches, answers, workers.
import { CohortError } from '@cohort/contracts'
import type { Redis } from 'ioredis'
import { openAnswers, type Answers } from './answers.js'
import { openBatches, type Batches } from './batches.js'
import { BLOCK_FORMAT } from './blocks/block-record.js'
import { commitJob } from './blocks/commit.js'
import { loadParts } from './blocks/load.js'
import type { BlockStore } from './blocks/seam.js'
import { openClaims, type Claims } from './claims.js'
import { keys, SHARDS } from './keys.js'
import { openModels, type Models } from './models.js'
import { openPopulations, type Populations } from './populations.js'
import { answeredAll } from './redis-error.js'
import { defineScripts } from './scripts.js'
import { openWorkers, type Workers } from './workers.js'

export interface StoreOptions {
  /** A connection for commands, which the caller closes. Rejections are `CohortError`s. */
  readonly redis: Redis
  /** How long results and records of batches are kept: never under `LEAST_RESULT_SECONDS`. */
  readonly resultTtlSeconds: number
  /** Told once of each worker that is not listed because what it says of itself is damaged. */
  readonly onDamagedWorker?: (id: string) => void
}

export interface Store {
  readonly models: Models
  readonly populations: Populations
  readonly blocks: BlockStore
  readonly batches: Batches
  readonly claims: Claims
  readonly answers: Answers
  readonly workers: Workers
  /** Writes the number of shards and of the format where they are not written yet. Errors: `redis_unfit`. */
  checkLayout(): Promise<void>
}

export function openStore({ redis, resultTtlSeconds, onDamagedWorker }: StoreOptions): Store {
  defineScripts(redis)
  return {
    models: openModels(redis),
    populations: openPopulations(redis),
    blocks: {
      load: (parts) => loadParts(redis, parts),
      commit: (request) => commitJob(redis, request, resultTtlSeconds),
    },
    batches: openBatches(redis, resultTtlSeconds),
    claims: openClaims(redis),
    answers: openAnswers(redis, resultTtlSeconds),
    workers: openWorkers(redis, onDamagedWorker),
    checkLayout: () => checkLayout(redis),
  }
}

async function checkLayout(redis: Redis): Promise<void> {
  const mine = { shards: SHARDS, format: BLOCK_FORMAT }
  for (const [name, number] of Object.entries(mine)) {
    // Set once and never changed, so that two commands are as good as one.
    const [, there] = await answeredAll(
      redis.pipeline().hsetnx(keys.layout, name, number).hget(keys.layout, name),
    )
    if (there === String(number)) continue
    throw new CohortError(
      'redis_unfit',
      `this Redis is laid out with ${name} ${String(there)}, this process with ${name} ${number}`,
    )
  }
}
