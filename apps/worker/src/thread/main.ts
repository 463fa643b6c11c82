// The file of a worker's compute threads: enters the pool. Next: compose.ts
import { enterThread } from '@cohort/threads'
import { composeThread } from './compose.js'
import type { Task, TaskResult, ThreadData } from './task.js'

type Thread = ReturnType<typeof enterThread<ThreadData, Task, TaskResult>>

const entry: Thread = enterThread(composeThread)

// The pool takes the default export of its file for its tasks.
export default entry
