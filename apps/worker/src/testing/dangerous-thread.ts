// For tests: a worker's compute thread that dies, hangs or fills its heap under a task when it is told to.
import { enterThread } from '@cohort/threads'
import { composeThread } from '../thread/compose.js'
import { ORDER_WORD, ORDERS } from './orders.js'
import type { Task, TaskResult, ThreadData } from '../thread/task.js'

type Thread = ReturnType<typeof enterThread<ThreadData, Task, TaskResult>>

const entry: Thread = enterThread<ThreadData, Task, TaskResult>((data, facts) => {
  const run = composeThread(data, facts)
  return (task) => {
    const result = run(task)
    // Half of the task's work is done: its rows have stepped, and nobody has heard of it.
    const words = new Int32Array(data.memory.buffer, 0, 16)
    const order = Atomics.exchange(words, ORDER_WORD, ORDERS.none)
    if (order === ORDERS.exit) process.exit(7)
    if (order === ORDERS.crash) queueMicrotask(crash)
    if (order === ORDERS.hang) for (;;) if (Atomics.load(words, ORDER_WORD + 1) !== 0) break
    if (order === ORDERS.fillHeap)
      for (const kept: number[][] = []; ;) kept.push(Array.from({ length: 10_000 }, () => kept.length))
    return result
  }
})

function crash(): never {
  throw new Error('planted')
}

export default entry
