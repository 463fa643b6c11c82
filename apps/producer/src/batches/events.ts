// leg: notify. A batch's results as they come: an event for each job that has ended, then the end. From any producer.
import { CohortError, UNANSWERED_SECONDS } from '@cohort/contracts'
import type { BatchRecord } from '@cohort/store'
import type { Log } from '@cohort/telemetry'
import { LeftJobs, type LeftJob } from './left-jobs.js'
import { jobStates, lookUpJobs, type JobState, type LookUpNeeds } from './look-up.js'
import { Told } from './told.js'
import type { Turns } from './turns.js'
import type { Watchers } from './watchers.js'

export interface EventNeeds extends LookUpNeeds {
  readonly notify: Pick<Watchers, 'watch'>
  /** Of all streams of this process. */
  readonly turns: Turns
  readonly nowMs: () => number
  readonly log: Log
}

/** Jobs whose state is asked for in one go. */
const LOOK_AT_MOST = 8
/** Between two looks that found nothing: another producer hears the answers, or the message was missed. */
const PAUSES_MS = { first: 20, longest: 2000 } as const
const PAUSE_GROWTH = 1.5

/**
 * Each event as text, undefined after a look that found nothing new. Ends without an `end` where the signal is aborted.
 * An answer stays in Redis until the reader asks for its event, and is read in a turn: one who reads slowly costs the
 * text of one event here, and many who begin at once do not make requests wait for all of them.
 */
export async function* batchEvents(
  needs: EventNeeds,
  record: BatchRecord,
  signal: AbortSignal,
): AsyncGenerator<string | undefined> {
  const left = new LeftJobs(record.jobs.map(({ jobId }) => jobId))
  const unwatch = needs.notify.watch(
    record.jobs.map(({ jobId }) => jobId),
    (id) => left.wake(id),
  )
  const told = new Told(record)
  // Then the batch is forgotten, and so are its jobs.
  const untilMs = record.marks.added + UNANSWERED_SECONDS * 1000
  let pauseMs: number = PAUSES_MS.first
  try {
    while (left.size > 0 && needs.nowMs() < untilMs) {
      const asked = left.next(LOOK_AT_MOST)
      const states = await unlessAway(needs, () => jobStates(needs, idsOf(asked)))
      let over = 0
      for (const [i, job] of asked.entries()) {
        const hasEnded = states?.[i]?.state === 'ended'
        const found = hasEnded ? await readPart(needs, job, { told, signal }) : states?.[i]
        if (signal.aborted) return
        if (found === undefined) continue
        const isOver = found.state === 'told' || found.state === 'gone'
        left.asked(job.id, isOver)
        if (isOver) over += 1
        if (found.state === 'told') yield found.text
        if (signal.aborted) return
      }
      if (over === asked.length) continue
      pauseMs = over > 0 ? PAUSES_MS.first : Math.min(pauseMs * PAUSE_GROWTH, PAUSES_MS.longest)
      yield undefined
      await left.pause(pauseMs, signal)
    }
    if (!signal.aborted) yield told.end()
  } finally {
    unwatch()
  }
}

const idsOf = (jobs: readonly LeftJob[]): string[] => jobs.map(({ id }) => id)

type Part = JobState | { readonly state: 'told'; readonly text: string }

/** Undefined also where the reader has gone before its turn came. */
function readPart(
  needs: EventNeeds,
  { id, at }: LeftJob,
  { told, signal }: { told: Told; signal: AbortSignal },
): Promise<Part | undefined> {
  return needs.turns.take(async () => {
    if (signal.aborted) return undefined
    const [outcome] = (await unlessAway(needs, () => lookUpJobs(needs, [id]))) ?? []
    if (outcome?.state !== 'answered') return outcome
    return { state: 'told', text: told.part(at, outcome.result) }
  })
}

/** Undefined while Redis is away: those who read are not cut off for that, since all of them would come again. */
async function unlessAway<T>({ log }: EventNeeds, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof CohortError && error.transient)) throw error
    log.debug('answers for a stream of events could not be read', { error })
    return undefined
  }
}
