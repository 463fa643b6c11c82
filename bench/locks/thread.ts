// A thread of the lock benchmark: waits until all are there, does its work, says how long it took. Started by team.ts
import { parentPort, workerData } from 'node:worker_threads'
import { pinThisThread } from '@cohort/threads'
import type { Task } from './variant.js'
import { VARIANTS } from './work.js'

export interface Answer {
  readonly right: number
  readonly ns: number
  /** Of this thread, without the time in which it slept or others had its core. */
  readonly cpuNs: number
}

// Two threads on one core would measure its turns.
pinThisThread(workerData as number)

parentPort?.on('message', (task: Task) => {
  void run(task).then((answer: Answer) => {
    task.port.close()
    parentPort?.postMessage(answer)
  })
})

async function run(task: Task): Promise<Answer> {
  const does = VARIANTS[task.variant].does
  const barrier = new Int32Array(task.buffer, 0, 1)
  let seen = Atomics.add(barrier, 0, 1) + 1
  Atomics.notify(barrier, 0)
  while (seen < task.threads) {
    Atomics.wait(barrier, 0, seen)
    seen = Atomics.load(barrier, 0)
  }
  const before = process.threadCpuUsage()
  const since = performance.now()
  const right = await does(task)
  const ns = 1e6 * (performance.now() - since)
  const { user, system } = process.threadCpuUsage(before)
  return { right, ns, cpuNs: 1000 * (user + system) }
}
