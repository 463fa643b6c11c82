// Which batch an Idempotency-Key stands for: the first request with a key claims it, those after it find the
// claim.
import type { BatchId, PopulationId } from '@cohort/contracts'
import type { Redis } from 'ioredis'
import { keys } from './keys.js'
import { run } from './scripts.js'

/** Keys of different creations of a population are different. */
export interface ClaimKey {
  readonly population: PopulationId
  readonly generation: string
  /** A hash of the caller's key: of fixed length, whatever that holds. */
  readonly key: string
}

export interface Claim {
  readonly batch: BatchId
  /** A hash of all that the request asked for. */
  readonly fingerprint: string
  /** The batch was on the queue: it is never claimed by another one. */
  readonly queued: boolean
  /** By the server's clock. */
  readonly ageMs: number
}

export interface Claims {
  /**
   * Undefined: the key is `mine` now. Else the claim that stands. `instead`: a claim of that batch, if it is
   * not queued, gives way. A claim lives as long as a batch's record.
   */
  take(
    key: ClaimKey,
    mine: Pick<Claim, 'batch' | 'fingerprint'>,
    instead?: BatchId,
  ): Promise<Claim | undefined>
  /** The batch is on the queue. Does nothing where the claim is another's by now. */
  markQueued(key: ClaimKey, batch: BatchId): Promise<void>
}

export function openClaims(redis: Redis, ttlSeconds: number): Claims {
  return {
    async take(key, { batch, fingerprint }, instead = '') {
      const reply = await run(redis, 'claim-take', {
        keys: [nameOf(key)],
        args: [batch, fingerprint, instead, ttlSeconds],
      })
      if (reply === null) return undefined
      const [first, itsFingerprint, queued, ageMs] = reply
      return { batch: first, fingerprint: itsFingerprint, queued: queued === 1, ageMs }
    },
    async markQueued(key, batch) {
      await run(redis, 'claim-queued', { keys: [nameOf(key)], args: [batch] })
    },
  }
}

const nameOf = ({ population, generation, key }: ClaimKey): string => keys.claim(population, generation, key)
