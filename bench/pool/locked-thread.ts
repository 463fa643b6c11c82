// A compute thread that holds a lock while it reads its model: what handles make unnecessary. Started by swarm.ts
import { enterThread } from '@cohort/threads'
import { ReadWriteLock } from '@cohort/threads/sync'
import { composeThread, type Task, type TaskResult, type ThreadData } from '@cohort/worker/parts'

export interface LockedThreadData extends ThreadData {
  /** Whether several may read at once; and where the lock is. */
  readonly lock: { readonly shared: boolean; readonly buffer: SharedArrayBuffer }
}

type Thread = ReturnType<typeof enterThread<LockedThreadData, Task, TaskResult>>

const entry: Thread = enterThread<LockedThreadData, Task, TaskResult>((data, facts) => {
  const run = composeThread(data, facts)
  const { shared, buffer } = data.lock
  const lock = new ReadWriteLock({ buffer, offset: 0 })
  return (task) => {
    if (shared) lock.lockRead()
    else lock.lockWrite()
    try {
      return run(task)
    } finally {
      if (shared) lock.unlockRead()
      else lock.unlockWrite()
    }
  }
})

export default entry
