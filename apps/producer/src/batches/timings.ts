// leg: notify. When each leg of a job began, on two clocks → milliseconds in each leg, which add up.
import {
  LEGS,
  type Batch,
  type JobResult,
  type Leg,
  type LegTimings,
  type WorkerMarks,
} from '@cohort/contracts'
import type { BatchMarks } from '@cohort/store'

/** Milliseconds since 1970 on the producer's clock. */
export interface ProducerMarks extends BatchMarks {
  /** The worker's answer was here. */
  readonly received: number
  readonly answered: number
}

/**
 * Never below zero, and the sum is `answered − arrived`. A worker's clock that is ahead makes `queue` longer
 * and `commit`, which ends here again, shorter by as much; where one would fall below zero, the other pays.
 */
export function legTimings(here: ProducerMarks, worker: WorkerMarks): LegTimings {
  const legs: Record<Leg, number> = {
    admit: here.admitted - here.arrived,
    gather: here.added - here.admitted,
    queue: worker.taken - here.added,
    take: worker.load - worker.taken,
    load: worker.dispatch - worker.load,
    dispatch: worker.compute - worker.dispatch,
    compute: worker.commit - worker.compute,
    commit: here.received - worker.commit,
    notify: here.answered - here.received,
  }
  settle(legs, 'queue', 'commit')
  settle(legs, 'commit', 'queue')
  // What is still below zero is a clock that was set back in the middle: the longest leg pays for it, and is
  // zero itself at worst, so that each turn leaves fewer above zero.
  for (let turn = 0; turn < 2 * LEGS.length; turn += 1) {
    const short = LEGS.find((leg) => legs[leg] < 0)
    if (short === undefined) break
    settle(legs, short, longest(legs))
  }
  for (const leg of LEGS) legs[leg] = toMicroseconds(legs[leg])
  return legs
}

/**
 * Of a batch that is read later nobody saw the commit end: the legs before it, and no others. Where the worker's clock
 * is behind, the job was taken as soon as it was added: what the worker measured stays as it is.
 */
export function legsToCommit(here: BatchMarks, worker: WorkerMarks): NonNullable<Batch['timings']> {
  const end = Math.max(worker.commit, here.added + worker.commit - worker.taken)
  const legs = legTimings({ ...here, received: end, answered: end }, worker)
  const { commit: _commit, notify: _notify, ...known } = legs
  return known
}

/** Of a batch that is read later: of its job whose commit came last. None where all jobs failed as a whole. */
export const timingsOf = (
  { marks }: { readonly marks: BatchMarks },
  last: WorkerMarks | undefined,
): Pick<Batch, 'timings'> => (last === undefined ? {} : { timings: legsToCommit(marks, last) })

/** For a batch's answers one after the other. */
export const laterCommit = (last: WorkerMarks | undefined, answer: JobResult): WorkerMarks | undefined =>
  answer.ok && (last === undefined || answer.marks.commit > last.commit) ? answer.marks : last

/** The clocks know no more, and a person reads these. */
const toMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1000

function settle(legs: Record<Leg, number>, short: Leg, payer: Leg): void {
  if (legs[short] >= 0) return
  legs[payer] += legs[short]
  legs[short] = 0
}

const longest = (legs: LegTimings): Leg => LEGS.reduce((most, leg) => (legs[leg] > legs[most] ? leg : most))
