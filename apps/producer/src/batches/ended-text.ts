// leg: notify. A batch that has ended → the text of its answer, with the legs up to the moment when that was written.
import type { BatchId, LegTimings } from '@cohort/contracts'
import type { Assembled } from './assemble.js'

export interface EndedBatch extends Assembled {
  readonly batchId: BatchId
  /** The answer of its last job was here. */
  readonly receivedMs: number
  /** `answeredMs`: the time to which the legs add up. Undefined where the last job failed as a whole. */
  readonly timings: ((answeredMs: number) => LegTimings) | undefined
}

interface EndedText {
  readonly text: string
  readonly answeredMs: number
  readonly legs: LegTimings | undefined
}

/** Text first, then the clock: for a million agents writing it takes longer than computing the steps. */
export function endedText({ timings, ...ended }: EndedBatch, nowMs: () => number): EndedText {
  const { batchId, status, results, errors } = ended
  const text = JSON.stringify({ batchId, status, results, errors })
  const answeredMs = nowMs()
  if (timings === undefined) return { text, answeredMs, legs: undefined }
  const legs = timings(answeredMs)
  return { text: `${text.slice(0, -1)},"timings":${JSON.stringify(legs)}}`, answeredMs, legs }
}
