// Which CPUs this process may use, best first, and where they are, read from the kernel's files. Next: placement.ts
import { join } from 'node:path'
import { readKernelFile } from './kernel-file.js'

/** A CPU that this process may use, and where it is. */
export interface Place {
  readonly cpu: number
  /** All CPUs of its physical core, itself and those that we may not use among them, ascending. */
  readonly siblings: readonly number[]
  /** Its NUMA node; undefined where the kernel does not say. */
  readonly node: number | undefined
  /** How fast its core is beside the fastest of the machine, which is 1024. */
  readonly capacity: number
}

/** What the kernel says of the CPUs that this process may use. */
export interface Topology {
  /**
   * One of each physical core first, then their siblings; among those the fast cores first, then in ascending order.
   * Empty where the platform does not name its CPUs.
   */
  readonly places: readonly Place[]
  /** Physical cores among them; undefined where it does not say which CPUs share one. */
  readonly cores: number | undefined
  /** The NUMA nodes that they are on, ascending; undefined where it does not say. */
  readonly nodes: readonly number[] | undefined
}

/** `root` stands for `/`, for trees recorded elsewhere. */
export function readTopology(root = '/'): Topology {
  const cpus = cpusAllowedIn(readKernelFile(join(root, 'proc/self/status')))
  const nodeOf = readNodes(root)
  const capacityOf = readCapacities(root)
  const known = cpus.map((cpu) => readCpuList(root, `system/cpu/cpu${cpu}/topology/thread_siblings_list`))
  const places = cpus.map((cpu, i): Place => {
    return { cpu, siblings: known[i] ?? [cpu], node: nodeOf?.get(cpu), capacity: capacityOf(cpu) }
  })
  /** How many allowed CPUs of the same core come before it. */
  const rank = ({ cpu, siblings }: Place) => siblings.filter((one) => one < cpu && cpus.includes(one)).length
  const isKnown = cpus.length > 0 && !known.includes(undefined)
  return {
    places: places.toSorted((a, b) => rank(a) - rank(b) || b.capacity - a.capacity || a.cpu - b.cpu),
    cores: isKnown ? places.filter((place) => rank(place) === 0).length : undefined,
    nodes: nodeOf && [...new Set(cpus.flatMap((cpu) => nodeOf.get(cpu) ?? []))].toSorted((a, b) => a - b),
  }
}

/** The CPUs that the kernel lets this process use, best first. */
export const allowedCpus = (root = '/'): number[] => cpusOf(readTopology(root))

/** Those of a topology, best first. */
export const cpusOf = ({ places }: Topology): number[] => places.map(({ cpu }) => cpu)

/**
 * The list in the `Cpus_allowed_list` line of a status file: `0-2,5` → 0, 1, 2, 5. Empty where there is no
 * such line.
 */
export function cpusAllowedIn(status: string | undefined): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status ?? '')?.[1]
  return list === undefined ? [] : parseCpuList(list)
}

/** CPU → its node; undefined where the kernel does not know of nodes. */
function readNodes(root: string): Map<number, number> | undefined {
  const online = readCpuList(root, 'system/node/online')
  if (online === undefined) return undefined
  const cpusOn = (node: number) => readCpuList(root, `system/node/node${node}/cpulist`) ?? []
  return new Map(online.flatMap((node) => cpusOn(node).map((cpu) => [cpu, node] as const)))
}

/** Where all cores are as fast, none of these files is there. */
function readCapacities(root: string): (cpu: number) => number {
  const FASTEST = 1024
  // x86: the efficiency cores of a hybrid machine are a list; by how much they are slower is not said.
  const efficient = readCpuList(root, 'cpu_atom/cpus') ?? []
  return (cpu) => {
    // ARM: big cores have 1024.
    const told = Number(readKernelFile(join(root, `sys/devices/system/cpu/cpu${cpu}/cpu_capacity`)))
    return told || (efficient.includes(cpu) ? FASTEST / 2 : FASTEST)
  }
}

function readCpuList(root: string, path: string): number[] | undefined {
  const list = readKernelFile(join(root, 'sys/devices', path))
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
