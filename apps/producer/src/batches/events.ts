// leg: notify. A batch's results as they come: an event for each job that has ended, then the end. From any producer.
import { CohortError, UNANSWERED_SECONDS } from '@cohort/contracts'
import type { BatchRecord } from '@cohort/store'
import type { Log } from '@cohort/telemetry'
import { LeftJobs, type LeftJob } from './left-jobs.js'
import { jobStates, lookUpJobs, type JobState, type LookUpNeeds } from './look-up.js'
import { Told } from './told.js'
import type { Turns } from './turns.js'

export interface EventNeeds extends LookUpNeeds {
  readonly notify: {
    /** Calls `wake` with each of the jobs when this producer hears its answer; returns what ends that. */
    watch(jobIds: readonly string[], wake: (jobId: string) => void): () => void
    /** It will hear of this one, or that it will not after all. */
    isAwaited(jobId: string): boolean
  }
  /** Of all streams of this process. */
  readonly turns: Turns
  readonly nowMs: () => number
  readonly log: Log
}

/** Jobs whose state is asked for in one go. */
const LOOK_AT_MOST = 8
/** Between two looks that found nothing, for the answers that another producer hears. */
const PAUSES_MS = { first: 20, longest: 2000 } as const
const PAUSE_GROWTH = 1.5

/**
 * Each event as text. Ends without an `end` where the signal is aborted.
 * An answer stays in Redis until the reader asks for its event, and is read in a turn: one who reads slowly costs the
 * text of one event here, and many who begin at once do not make requests wait for all of them. The text counts as held
 * until the next event is asked for.
 */
export async function* batchEvents(
  needs: EventNeeds,
  record: BatchRecord,
  signal: AbortSignal,
): AsyncGenerator<string | Uint8Array> {
  const ids = record.jobs.map(({ jobId }) => jobId)
  const left = new LeftJobs(ids, (id) => needs.notify.isAwaited(id))
  const unwatch = needs.notify.watch(ids, (id) => left.wake(id))
  const told = new Told(record)
  // Then the batch is forgotten, and so are its jobs.
  const untilMs = record.marks.added + UNANSWERED_SECONDS * 1000
  let pauseMs: number = PAUSES_MS.first
  try {
    while (left.size > 0 && !signal.aborted && needs.nowMs() < untilMs) {
      const asked = left.next(LOOK_AT_MOST)
      if (asked.length === 0) {
        await left.pause(untilMs - needs.nowMs(), signal)
        continue
      }
      const states = await unlessAway(needs, () => jobStates(needs, idsOf(asked)))
      let over = 0
      for (const [i, job] of asked.entries()) {
        const hasEnded = states?.[i]?.state === 'ended'
        const found = hasEnded ? await readPart(needs, job, { told, signal }) : states?.[i]
        if (found?.state === 'told') yield* held(found)
        if (signal.aborted) return
        if (found === undefined) continue
        const isOver = found.state === 'told' || found.state === 'gone'
        left.asked(job.id, isOver)
        if (isOver) over += 1
      }
      if (over === asked.length) continue
      pauseMs = over > 0 ? PAUSES_MS.first : Math.min(pauseMs * PAUSE_GROWTH, PAUSES_MS.longest)
      await left.pause(pauseMs, signal)
    }
    if (!signal.aborted) yield told.end()
  } finally {
    unwatch()
  }
}

const idsOf = (jobs: readonly LeftJob[]): string[] => jobs.map(({ id }) => id)

interface HeldPart {
  readonly state: 'told'
  readonly text: Uint8Array
  readonly letGo: () => void
}

type Part = JobState | HeldPart

function* held({ text, letGo }: HeldPart): Generator<Uint8Array> {
  try {
    yield text
  } finally {
    letGo()
  }
}

/** Undefined also where the reader has gone before its turn came. */
async function readPart(
  needs: EventNeeds,
  { id, at }: LeftJob,
  { told, signal }: { told: Told; signal: AbortSignal },
): Promise<Part | undefined> {
  return needs.turns.take<Part | undefined>(async () => {
    if (signal.aborted) return undefined
    const [outcome] = (await unlessAway(needs, () => lookUpJobs(needs, [id]))) ?? []
    if (outcome?.state !== 'answered') return outcome
    // As bytes: they are counted, and the string is not kept beside them.
    const text = Buffer.from(told.part(at, outcome.result))
    return { state: 'told', text, letGo: needs.turns.hold(text.length) }
  }, signal)
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
