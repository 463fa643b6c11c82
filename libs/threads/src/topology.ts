// Which CPUs this process may use, best first, read from the kernel's files. Next: claim.ts
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

/**
 * The CPUs that the kernel lets this process use: one of each physical core first, then their siblings, each
 * in ascending order. Empty where the platform does not say. `root` stands for `/`, for trees recorded
 * elsewhere.
 */
export function allowedCpus(root = '/'): number[] {
  const cpus = cpusAllowedIn(read(join(root, 'proc/self/status')))
  const ranks = new Map(cpus.map((cpu) => [cpu, rankInCore(root, cpu, cpus)]))
  const rank = (cpu: number): number => ranks.get(cpu) ?? 0
  return cpus.toSorted((a, b) => rank(a) - rank(b) || a - b)
}

/**
 * One thread per physical core that this process may use, fewer under a cgroup quota, at least one.
 * `parallelism` is what Node makes of CPUs and quota.
 */
export function defaultThreads(root = '/', parallelism = availableParallelism()): number {
  const cpus = allowedCpus(root)
  const cores = cpus.filter((cpu) => rankInCore(root, cpu, cpus) === 0).length
  return Math.max(1, Math.min(cores || Infinity, parallelism))
}

/**
 * The list in the `Cpus_allowed_list` line of a status file: `0-2,5` → 0, 1, 2, 5. Empty where there is no
 * such line.
 */
export function cpusAllowedIn(status: string | undefined): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status ?? '')?.[1]
  return list === undefined ? [] : parseCpuList(list)
}

/** How many allowed CPUs of the same physical core come before this one: 0 for the first thread of a core. */
function rankInCore(root: string, cpu: number, allowed: readonly number[]): number {
  const list = read(join(root, `sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`))
  if (list === undefined) return 0
  return parseCpuList(list.trim()).filter((sibling) => sibling < cpu && allowed.includes(sibling)).length
}

function parseCpuList(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

/**
 * Undefined where there is no such file: that is how these files say that the platform does not have the
 * thing.
 */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
