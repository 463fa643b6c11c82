// leg: compute. Steps the rows of a task in place, in the slots of the shared arena. Next: job/commit.ts
import { type Kernels, ROW_OK } from '@cohort/inference'
import { nowMs } from '@cohort/telemetry/clock'
import type { MappedModels } from './mapped-models.js'
import type { ComputeTask, TaskTimes } from './task.js'

/** A row that cannot step keeps its bytes; what became of each is in its slot, so only the times go back. */
export function compute(
  { model: handle, segments, want, extras }: ComputeTask,
  models: MappedModels,
  kernels: Kernels,
): Omit<TaskTimes, 'thread'> {
  const startMs = nowMs()
  const { model, scratch } = models.at(handle)
  const buffer = models.buffer()
  const mappedMs = nowMs()
  for (const { slot, rows, from, to } of segments)
    kernels.stepRows({ model, buffer, slot, rows, from, to, scratch, want, extras })
  const endMs = nowMs()
  return { startMs, mappedMs, endMs, stepped: steppedIn(buffer, segments) }
}

/** `errors` is the first section of a slot. */
function steppedIn(buffer: SharedArrayBuffer, segments: ComputeTask['segments']): number {
  let stepped = 0
  for (const { slot, from, to } of segments)
    for (const error of new Int32Array(buffer, slot + 4 * from, to - from)) if (error === ROW_OK) stepped += 1
  return stepped
}
