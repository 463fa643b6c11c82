// The composition root of a compute thread: what joins the shared memory and the kernels. Main leg: compute.ts
import { CohortError } from '@cohort/contracts'
import { KERNEL_SCRATCH_BYTES, Kernels } from '@cohort/inference'
import type { ThreadFacts } from '@cohort/threads'
import { compile } from './compile.js'
import { compute } from './compute.js'
import { MappedModels } from './mapped-models.js'
import type { Task, TaskResult, ThreadData } from './task.js'

/** What the thread on a seat does with its tasks. */
export function composeThread(
  { memory, scratch, limits }: ThreadData,
  { threadId, seat, cpu }: ThreadFacts,
): (task: Task) => TaskResult {
  const models = new MappedModels(memory)
  const kernels = new Kernels({ memory, scratch: scratch + seat * KERNEL_SCRATCH_BYTES })
  const thread = { threadId, seat, cpu }
  return (task) => {
    switch (task.kind) {
      case 'compute':
        return { kind: 'computed', times: { thread, ...compute(task, models, kernels) } }
      case 'compile':
        return compile(task, limits)
      default:
        throw new CohortError(
          'internal',
          `a task of an unknown kind: ${JSON.stringify(task satisfies never)}`,
        )
    }
  }
}
