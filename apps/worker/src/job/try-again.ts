// Goes the way load → dispatch → commit again when another worker was faster, or when a compute thread died under it.
import { setTimeout as pause } from 'node:timers/promises'
import { CohortError } from '@cohort/contracts'

/** A stale commit means that another one went through: the system moves on, but no job waits for ever. */
const STALE_TRIES = 32
/** A job under which two threads died is taken for their death: it fails, and the others go on. */
const CRASH_TRIES = 2
const LONGEST_PAUSE_MS = 16

/** Runs `attempt` until it resolves. Rejects with its error when that is neither of the two, or has come too often. */
export async function tryAgain<T>(attempt: (tries: number) => Promise<T>): Promise<T> {
  let stale = 0
  let crashed = 0
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(tries)
    } catch (error) {
      if (!(error instanceof CohortError)) throw error
      if (error.code === 'stale_too_often' && ++stale < STALE_TRIES) {
        await pause(Math.min(2 ** (stale - 1), LONGEST_PAUSE_MS))
      } else if (error.code !== 'thread_lost') {
        throw error
      } else if (++crashed === CRASH_TRIES) {
        throw new CohortError('internal', `${crashed} compute threads died under the job`, { cause: error })
      }
    }
  }
}
