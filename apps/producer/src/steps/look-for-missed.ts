// leg: notify. Asks Redis, from time to time, for the answers whose message was missed.
import type { JobResult } from '@cohort/contracts'
import type { Log } from '@cohort/telemetry'
import { lookUpJobs, type LookUpNeeds } from '../batches/look-up.js'
import type { OutstandingJob, OutstandingJobs } from './outstanding.js'

/** Jobs looked for in one go, and how often it is seen whether any is due. */
const LOOK_AT_MOST = 256
const LOOK_EVERY_MS = 500

export interface LookNeeds extends LookUpNeeds {
  readonly nowMs: () => number
  readonly log: Log
}

export interface Look {
  /** Looks for all of them now. */
  all(): void
  stop(): void
}

/**
 * Looks for the outstanding jobs as they fall due, until it is stopped. `onAnswer` hears of each that has
 * ended; `result` undefined: its answer is no longer kept, or nobody waits for it.
 */
export function lookForMissed(
  needs: LookNeeds,
  outstanding: OutstandingJobs<OutstandingJob>,
  onAnswer: (jobId: string, result: JobResult | undefined) => void,
): Look {
  let looking = false
  const look = async () => {
    if (looking) return
    looking = true
    try {
      const due = outstanding.takeDue(needs.nowMs(), LOOK_AT_MOST)
      // As it is before the question: what is added while it is asked may not have been there.
      const added = new Set(due.filter((id) => outstanding.get(id)?.isAdded()))
      const { wanted = [], unwanted = [] } = Object.groupBy(due, (id) =>
        (outstanding.get(id)?.waiters.size ?? 0) > 0 ? 'wanted' : 'unwanted',
      )
      const onGone = (id: string) => {
        // Not there yet, and not gone: an add may take seconds while Redis starts again.
        if (added.has(id)) onAnswer(id, undefined)
      }
      await lookForResults(needs, wanted, { onAnswer, onGone })
      await lookForEnds(needs, unwanted, onGone)
    } catch (error) {
      needs.log.debug('outstanding jobs could not be looked for', { error })
    } finally {
      looking = false
    }
  }
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref()
  return {
    all() {
      outstanding.makeAllDue()
      void look()
    },
    stop: () => clearInterval(timer),
  }
}

async function lookForResults(
  needs: LookNeeds,
  ids: readonly string[],
  { onAnswer, onGone }: { onAnswer: (id: string, result: JobResult) => void; onGone: (id: string) => void },
): Promise<void> {
  const outcomes = await lookUpJobs(needs, ids)
  for (const [at, id] of ids.entries()) {
    const outcome = outcomes[at]
    if (outcome?.state === 'answered') onAnswer(id, outcome.result)
    if (outcome?.state === 'gone') onGone(id)
  }
}

/** Nobody waits for these: their results, of megabytes maybe, stay where they are. */
async function lookForEnds(
  { queue }: LookNeeds,
  ids: readonly string[],
  onGone: (jobId: string) => void,
): Promise<void> {
  await Promise.all(
    ids.map(async (id) => {
      const { state } = await queue.state(id)
      if (state === 'gone' || state === 'failed') onGone(id)
    }),
  )
}
