// Which batch an Idempotency-Key stands for: the first request with a key claims it, those after it find the
// claim.
import { UNANSWERED_SECONDS, type BatchId, type PopulationId } from '@cohort/contracts'
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
  /** By the server's clock. */
  readonly ageMs: number
}

export interface Claims {
  /**
   * Undefined: the key is `mine` now. Else the claim that stands. `instead`: a claim of that batch gives way, if the
   * batch has no record; it will get none then (`Batches.write`). A claim lives as long as its batch's record.
   */
  take(
    key: ClaimKey,
    mine: Pick<Claim, 'batch' | 'fingerprint'>,
    instead?: BatchId,
  ): Promise<Claim | undefined>
}

export function openClaims(redis: Redis): Claims {
  return {
    async take(key, { batch, fingerprint }, instead) {
      const name = claimName(key)
      const reply = await run(redis, 'claim-take', {
        keys: [name, instead === undefined ? name : keys.batch(instead)],
        args: [batch, fingerprint, instead ?? '', UNANSWERED_SECONDS],
      })
      if (reply === null) return undefined
      const [first, itsFingerprint, ageMs] = reply
      return { batch: first, fingerprint: itsFingerprint, ageMs }
    },
  }
}

export const claimName = ({ population, generation, key }: ClaimKey): string =>
  keys.claim(population, generation, key)
