// How often the kernel moved threads from one CPU to another. Told as a metric: of pinned threads it is 0.
import { join } from 'node:path'
import { readKernelFile } from './kernel-file.js'

/** Of threads of this process, by the kernel's ids, in sum; undefined where it does not say. `root` stands for `/`. */
export function migrationsOf(tids: readonly (number | null)[], root = '/'): number | undefined {
  const each = tids.flatMap((tid) => {
    const sched = tid === null ? undefined : readKernelFile(join(root, `proc/self/task/${tid}/sched`))
    const count = /^se\.nr_migrations\s*:\s*(\d+)$/m.exec(sched ?? '')?.[1]
    return count === undefined ? [] : [Number(count)]
  })
  return each.length === 0 ? undefined : each.reduce((sum, count) => sum + count, 0)
}
