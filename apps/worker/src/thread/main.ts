// The composition root of a compute thread: what joins the shared memory, the kernel and the pool. Main leg: compute.ts
import { CohortError } from '@cohort/contracts'
import { KERNEL_SCRATCH_BYTES, Kernels } from '@cohort/inference'
import { enterThread } from '@cohort/threads'
import { compile } from './compile.js'
import { compute } from './compute.js'
import { MappedModels } from './mapped-models.js'
import type { Task, TaskResult, ThreadData } from './task.js'

type Thread = ReturnType<typeof enterThread<ThreadData, Task, TaskResult>>

const entry: Thread = enterThread<ThreadData, Task, TaskResult>(
  ({ memory, scratch, limits }, { threadId, seat, cpu }) => {
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
  },
)

// The pool takes the default export of its file for its tasks.
export default entry
