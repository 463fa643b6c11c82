// What benchmarks take of a worker: the file of its threads, what its tasks are, and how a job is cut into them.
export { cutTasks, type Segment, type SlotRows } from './job/cut-tasks.js'
export { THREAD_FILE } from './compute-pool.js'
export { composeThread } from './thread/compose.js'
export type { ComputeTask, Task, TaskResult, ThreadData } from './thread/task.js'
