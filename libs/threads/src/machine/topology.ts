// Which CPUs this process may use, best first, read from the kernel's files. Next: claim.ts
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { readKernelFile } from './kernel-file.js'
import { cpuQuota } from './quota.js'

/** What the kernel says of the CPUs that this process may use. */
export interface Topology {
  /** Best first, see `allowedCpus`. */
  readonly allowed: readonly number[]
  /** Physical cores among them; undefined where it does not say which CPUs share one. */
  readonly cores: number | undefined
  /** The NUMA nodes that they are on; undefined where it does not say. */
  readonly nodes: readonly number[] | undefined
}

export function readTopology(root = '/'): Topology {
  const allowed = allowedCpus(root)
  const isKnown = allowed.length > 0 && allowed.every((cpu) => siblingsOf(root, cpu) !== undefined)
  return { allowed, cores: isKnown ? coresAmong(root, allowed) : undefined, nodes: nodesOf(root, allowed) }
}

/**
 * The CPUs that the kernel lets this process use: one of each physical core first, then their siblings, each
 * in ascending order. Empty where the platform does not say. `root` stands for `/`, for trees recorded
 * elsewhere.
 */
export function allowedCpus(root = '/'): number[] {
  const cpus = cpusAllowedIn(readKernelFile(join(root, 'proc/self/status')))
  const ranks = new Map(cpus.map((cpu) => [cpu, rankInCore(root, cpu, cpus)]))
  const rank = (cpu: number): number => ranks.get(cpu) ?? 0
  return cpus.toSorted((a, b) => rank(a) - rank(b) || a - b)
}

/**
 * One thread per physical core that this process may use, no more than its CPU quota keeps busy, at least one.
 * Node's own count does for platforms that do not name their CPUs.
 */
export function defaultThreads(root = '/'): number {
  const cores = coresAmong(root, allowedCpus(root)) || availableParallelism()
  return Math.max(1, Math.min(cores, Math.ceil(cpuQuota(root)?.cpus ?? Infinity)))
}

/**
 * The list in the `Cpus_allowed_list` line of a status file: `0-2,5` → 0, 1, 2, 5. Empty where there is no
 * such line.
 */
export function cpusAllowedIn(status: string | undefined): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status ?? '')?.[1]
  return list === undefined ? [] : parseCpuList(list)
}

const coresAmong = (root: string, allowed: readonly number[]): number =>
  allowed.filter((cpu) => rankInCore(root, cpu, allowed) === 0).length

/** How many allowed CPUs of the same physical core come before this one: 0 for the first thread of a core. */
function rankInCore(root: string, cpu: number, allowed: readonly number[]): number {
  const siblings = siblingsOf(root, cpu) ?? []
  return siblings.filter((sibling) => sibling < cpu && allowed.includes(sibling)).length
}

const siblingsOf = (root: string, cpu: number): number[] | undefined =>
  readCpuList(root, `cpu/cpu${cpu}/topology/thread_siblings_list`)

const nodesOf = (root: string, allowed: readonly number[]): number[] | undefined =>
  readCpuList(root, 'node/online')?.filter((node) =>
    readCpuList(root, `node/node${node}/cpulist`)?.some((cpu) => allowed.includes(cpu)),
  )

function readCpuList(root: string, path: string): number[] | undefined {
  const list = readKernelFile(join(root, 'sys/devices/system', path))
  return list === undefined ? undefined : parseCpuList(list.trim())
}

function parseCpuList(list: string): number[] {
  // A NUMA node without a CPU has an empty list.
  return list.split(',').flatMap((part) => {
    if (part === '') return []
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}
