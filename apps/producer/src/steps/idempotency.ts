// leg: admit. The same Idempotency-Key twice is one batch: who comes later gets the first's.
import { createHash } from 'node:crypto'
import { CohortError, type BatchId } from '@cohort/contracts'
import type { BatchRecord, ClaimKey } from '@cohort/store'
import { lookUpJobs, type LookUpNeeds } from '../batches/look-up.js'
import type { AdmittedSteps } from './admit.js'

const MOST_CHARACTERS = 255
/** A first request that left no record in this long has died with its producer. */
const ABANDONED_MS = 30_000
const RETRY_AFTER_MS = 1000

/** Checks the header. Undefined where there is none. */
export function readKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  if (header.length > 0 && header.length <= MOST_CHARACTERS) return header
  const fault = {
    path: 'Idempotency-Key',
    message: 'is empty or too long',
    got: header.length,
    expected: `1 to ${MOST_CHARACTERS} characters`,
  }
  throw new CohortError('invalid_request', `${fault.path} ${fault.message}`, { errors: [fault] })
}

/** Where the key is kept: a population made again under the same id has keys of its own. */
export const claimKeyOf = ({ population }: AdmittedSteps, key: string): ClaimKey => ({
  population: population.id,
  generation: population.generation,
  key: createHash('sha256').update(key).digest('base64url'),
})

/**
 * Claims the key for these steps, or returns the batch that has it. Throws `key_reused` where that was
 * another request, `key_in_progress` where it is not on the queue yet.
 */
export async function claim(
  needs: LookUpNeeds,
  key: ClaimKey,
  steps: AdmittedSteps,
): Promise<BatchId | undefined> {
  const mine = { batch: steps.batch, fingerprint: fingerprintOf(steps) }
  const first = await needs.store.claims.take(key, mine)
  // Its own: the first reply was lost with the connection, and the command was sent again.
  if (first === undefined || first.batch === mine.batch) return undefined
  if (first.fingerprint !== mine.fingerprint) {
    throw new CohortError(
      'key_reused',
      'the Idempotency-Key was used for other agents, observations, `t` or `return`',
    )
  }
  const record = await needs.store.batches.read(first.batch)
  const isOld = first.ageMs >= ABANDONED_MS
  // One that has a record may have jobs, queued or done: its key is never given to another batch.
  if (record !== undefined && (isOld || (await isQueued(needs, record)))) return first.batch
  if (!isOld) throw inProgress()
  // Only one of those who see it abandoned gets it; from then on the first gets no record, should it only have slept.
  const now = await needs.store.claims.take(key, mine, first.batch)
  if (now === undefined || now.batch === mine.batch) return undefined
  throw inProgress()
}

/** Jobs are added after their batch's record: one that was ever there is queued or has an answer. */
async function isQueued(needs: LookUpNeeds, { jobs }: BatchRecord): Promise<boolean> {
  const ids = jobs.map(({ jobId }) => jobId)
  return (await lookUpJobs(needs, ids)).some(({ state }) => state !== 'gone')
}

export const inProgress = (): CohortError =>
  new CohortError('key_in_progress', 'the first request with this key is not queued yet', {
    retryAfterMs: RETRY_AFTER_MS,
  })

/** All that decides what is computed and returned; how long to wait for it does not. */
function fingerprintOf({ t, fields, agents, order, columns, soft = [] }: AdmittedSteps): string {
  const digest = createHash('sha256').update(
    JSON.stringify([t ?? null, fields, agents.length, columns.length]),
  )
  for (const column of [agents, ...(order === undefined ? [] : [order]), ...columns]) digest.update(column)
  // Whose they are is in the columns.
  for (const column of soft) if (column !== undefined) digest.update(column.values)
  return digest.digest('base64url')
}
