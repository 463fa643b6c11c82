// leg: compute. The thread's side of the pool: sits down, pins itself, reports, answers. Started by pool-thread.ts
import { parentPort, threadId, workerData } from 'node:worker_threads'
import { CohortError } from '@cohort/contracts'
import { pinThisThread, thisThreadId } from '../machine/pin.js'
import { BoardWriter } from './board.js'
import type { Answer, Bundle, ThreadFacts, ThreadReport, ThreadStart } from './report.js'
import { takeSeat, type Seat } from './seats.js'

/** Long enough for a busy main thread to hear that the thread before has ended. */
const SEAT_WAIT_MS = 10_000

/**
 * What the default export of a pool's file must be: `export default enterThread<Data, Task, Result>((data) =>
 * (task) => result)`.
 *
 * `compose` runs once, pinned, with the pool's `workerData`; memory that it touches first is on this CPU's
 * node. The function that it returns answers one task at a time and must not wait. What it throws rejects
 * that task: a CohortError with its own code, anything else as `internal`.
 */
export function enterThread<Data, Task, Result>(
  compose: (data: Data, thread: ThreadFacts) => (task: Task) => Result,
): (bundle: Bundle<Task>) => Answer<Result>[] {
  if (parentPort === null)
    throw new CohortError('internal', 'enterThread was called outside a thread of a pool')
  const { seats, board, seat, data } = workerData as ThreadStart<Data>
  const facts = sitDown(takeSeat(seats, { seat, threadId }, SEAT_WAIT_MS))
  const run = compose(data, facts)
  const own = new BoardWriter(board, seat)
  parentPort.postMessage({ cohortThread: facts } satisfies ThreadReport)
  return ({ first, tasks }) =>
    tasks.map((task, i) => {
      const number = first + i
      own.begins(number)
      const fromMs = performance.now()
      const answered = answer(run, task)
      own.ends(number, performance.now() - fromMs)
      return answered
    })
}

function sitDown(taken: Seat | undefined): ThreadFacts {
  if (taken === undefined) throw new CohortError('internal', 'the seat did not become free in time')
  const { seat } = taken
  const unpinned = (note: string): ThreadFacts => {
    return { threadId, seat, tid: thisThreadId() ?? null, cpu: null, note }
  }
  if (taken.cpu === null) return unpinned('there is no CPU for this thread')
  const pinning = pinThisThread(taken.cpu)
  if (!pinning.pinned) return unpinned(pinning.reason)
  return { threadId, seat, tid: pinning.tid, cpu: pinning.cpu, note: undefined }
}

function answer<Task, Result>(run: (task: Task) => Result, task: Task): Answer<Result> {
  try {
    return { ok: true, value: run(task) }
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    return { ok: false, code: error instanceof CohortError ? error.code : 'internal', message, stack }
  }
}
