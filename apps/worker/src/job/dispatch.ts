// leg: dispatch. Cuts a loaded job into tasks and waits for the compute threads. Next: thread/compute.ts, commit.ts
import { CohortError } from '@cohort/contracts'
import { nowMs } from '@cohort/telemetry'
import type { Pool } from '@cohort/threads'
import type { Span, Task, TaskResult } from '../thread/task.js'
import { cutTasks, type Segment } from './cut-tasks.js'
import type { LoadedJob } from './load.js'
import type { StepCost } from './step-cost.js'

export interface DispatchNeeds {
  readonly pool: Pick<Pool<Task, TaskResult>, 'run'>
}

/** A job whose rows have stepped, in place; the times are milliseconds since 1970. */
export interface ComputedJob extends LoadedJob {
  readonly dispatchMs: number
  /** When the first of its tasks began. */
  readonly computeMs: number
}

/** Rejects with `thread_lost` where a thread died; the slots are then of no use and nobody writes to them any more. */
export async function dispatch({ pool }: DispatchNeeds, loaded: LoadedJob): Promise<ComputedJob> {
  const dispatchMs = nowMs()
  const { handle: model, info } = loaded.model
  const wanted = new Set(loaded.job.return)
  const want = { qPi: wanted.has('qPi'), G: wanted.has('G'), vfe: wanted.has('vfe') }
  const tasks = cutTasks(loaded.slots, info.cost.meanMs)
  const results = await all(tasks.map((segments) => pool.run({ kind: 'compute', model, segments, want })))
  const spans = results.map(spanOf)
  spans.forEach((span, at) => measure(info.cost, span, tasks[at] ?? []))
  // Without a task (all of its parts are lost) the leg took no time.
  const firstMs = Math.min(...spans.map(({ startMs }) => startMs))
  return { ...loaded, dispatchMs, computeMs: spans.length === 0 ? dispatchMs : Math.max(dispatchMs, firstMs) }
}

/** Waits for all of them also when one rejects: until they are done they write to the slots. */
async function all<T>(tasks: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(tasks)
  return Promise.all(tasks)
}

function spanOf(result: TaskResult): Span {
  if (result.kind !== 'computed') throw new CohortError('internal', `a compute task answered ${result.kind}`)
  return result
}

function measure(cost: StepCost, { startMs, endMs }: Span, segments: readonly Segment[]): void {
  const rows = segments.reduce((sum, { from, to }) => sum + to - from, 0)
  cost.measured(rows, endMs - startMs)
}
