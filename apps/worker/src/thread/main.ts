// The composition root of a compute thread: what joins the shared memory, the kernel and the pool. Main leg: compute.ts
import { CohortError } from '@cohort/contracts'
import { enterThread } from '@cohort/threads'
import { compile } from './compile.js'
import { compute } from './compute.js'
import { MappedModels } from './mapped-models.js'
import type { Answer, Task, ThreadData } from './task.js'

type Thread = ReturnType<typeof enterThread<ThreadData, Task, Answer>>

const thread: Thread = enterThread<ThreadData, Task, Answer>(({ memory, limits }) => {
  const models = new MappedModels(memory)
  return (task) => {
    switch (task.kind) {
      case 'compute':
        return compute(task, models)
      case 'compile':
        return compile(task, limits)
      default:
        throw new CohortError(
          'internal',
          `a task of an unknown kind: ${JSON.stringify(task satisfies never)}`,
        )
    }
  }
})

// The pool takes the default export of its file for its tasks.
export default thread
