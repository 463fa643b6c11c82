// leg: dispatch. Cuts a loaded job into tasks and waits for the compute threads. Next: thread/compute.ts, commit.ts
import { CohortError } from '@cohort/contracts'
import { nowMs } from '@cohort/telemetry'
import type { Pool } from '@cohort/threads'
import type { Task, TaskResult, TaskTimes } from '../thread/task.js'
import { cutTasks, type Segment } from './cut-tasks.js'
import type { LoadedJob } from './load.js'

/** A task that runs so many times longer than its model's steps take has hung. */
const MOST_TIMES = 1000

export interface DispatchNeeds {
  readonly pool: Pick<Pool<Task, TaskResult>, 'run' | 'idle'>
  /** A task that runs for less has not hung, whatever its model takes. */
  readonly hungMs: number
  /** Rows go to the thread that had them last, where it is free. */
  readonly affinity: boolean
}

/** A task of a job, and how many of its rows it stepped. */
export interface ComputedTask extends TaskTimes {
  readonly rows: number
}

/** A job whose rows have stepped, in place; the times are milliseconds since 1970. */
export interface ComputedJob extends LoadedJob {
  readonly dispatchMs: number
  /** When the first of its tasks began. */
  readonly computeMs: number
  readonly tasks: readonly ComputedTask[]
}

/** Rejects with `thread_lost` where a thread died; the slots are then of no use and nobody writes to them any more. */
export async function dispatch(
  { pool, hungMs, affinity }: DispatchNeeds,
  loaded: LoadedJob,
  tries = 1,
): Promise<ComputedJob> {
  const dispatchMs = nowMs()
  const { handle: model, info } = loaded.model
  const { extras } = loaded
  const wanted = new Set(loaded.job.return)
  const want = { qPi: wanted.has('qPi'), G: wanted.has('G'), vfe: wanted.has('vfe'), terms: extras.terms }
  const { meanMs } = info.cost
  const { lanes } = info
  const tasks = await all(
    cutTasks(loaded.slots, { stepMs: meanMs, lanes, idle: pool.idle }).map(async (segments) => {
      const costMs = rowsOf(segments) * meanMs
      const limitMs = Math.max(hungMs, MOST_TIMES * rowsOf(segments) * info.cost.mostMs)
      // After a thread has died under it a task goes alone: none beside it shall fall with it, nor it with them.
      const shared = tries === 1 ? { costMs } : {}
      const place = affinity ? { affinity: nameOf(loaded, segments) } : {}
      const task = { kind: 'compute', model, segments, want, extras } as const
      return computed(await pool.run(task, { limitMs, ...shared, ...place }), segments)
    }),
  )
  for (const { stepped, mappedMs, endMs } of tasks) info.cost.measured(stepped, endMs - mappedMs)
  // Without a task (all of its parts are lost) the leg took no time.
  const firstMs = Math.min(...tasks.map(({ startMs }) => startMs))
  const computeMs = tasks.length === 0 ? dispatchMs : Math.max(dispatchMs, firstMs)
  return { ...loaded, dispatchMs, computeMs, tasks }
}

/** Waits for all of them also when one rejects: until they are done they write to the slots. */
async function all<T>(tasks: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(tasks)
  return Promise.all(tasks)
}

function computed(result: TaskResult, segments: readonly Segment[]): ComputedTask {
  if (result.kind !== 'computed') throw new CohortError('internal', `a compute task answered ${result.kind}`)
  return { ...result.times, rows: rowsOf(segments) }
}

/** The rows that a task begins with. */
function nameOf({ slots }: LoadedJob, [first]: readonly Segment[]): string {
  const part = slots.find(({ slot }) => slot === first?.slot)?.part
  return `${part?.population}:${part?.block}:${first?.from}`
}

const rowsOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { from, to }) => sum + to - from, 0)
