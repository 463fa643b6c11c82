// leg: take. Decodes and checks what came off the queue. Next: load.ts
import { BY_ROW_PART, CohortError, type Job, type JobPart } from '@cohort/contracts'
import { decodeJob, decodeObservations, type Observations } from '@cohort/queue'
import { nowMs } from '@cohort/telemetry'

/** Where an origin names no step: the row may be at any. */
const ANY_STEP = -1

/** A job that agrees with itself. Whether it agrees with its model and blocks, leg load will see. */
export interface TakenJob {
  readonly id: string
  readonly job: Job
  readonly observations: Observations
  /** The step at which each row must be, −1 for any. */
  readonly expectedStep: Float64Array
  /** A name for each block that the job touches. */
  readonly blocks: readonly string[]
  /** When the worker had it, milliseconds since 1970. */
  readonly takenMs: number
  /** When it was checked: leg load begins, with the wait for its blocks, and all tries but the last are part of it. */
  readonly loadMs: number
}

/** Throws `invalid_job` with the path of each fault; nothing has been touched then. */
export function take(id: string, data: unknown): TakenJob {
  const takenMs = nowMs()
  const job = decodeJob(data)
  const checked = {
    observations: decodeObservations(job),
    expectedStep: expectedStep(job),
    blocks: blocksOf(job),
  }
  return { id, job, ...checked, takenMs, loadMs: nowMs() }
}

function expectedStep({ count, origins }: Job): Float64Array {
  const expected = new Float64Array(count).fill(ANY_STEP)
  for (const { from, count: rows, t } of origins) if (t !== undefined) expected.fill(t, from, from + rows)
  return expected
}

/** Rows of one block may come as several parts only where each is written row by row. */
function blocksOf({ parts }: Job): string[] {
  const whole = new Map<string, boolean>()
  parts.forEach((part, at) => {
    const name = `${part.population}:${part.block}`
    if (whole.has(name) && (whole.get(name) === true || writtenWhole(part))) {
      const fault = { path: `parts[${at}]`, message: 'is of a block that is in the job already', got: name }
      throw new CohortError('invalid_job', `${fault.path}: ${fault.message}`, { errors: [fault] })
    }
    whole.set(name, writtenWhole(part))
  })
  return [...whole.keys()]
}

const writtenWhole = ({ index }: JobPart): boolean => index === undefined || index.length > BY_ROW_PART
