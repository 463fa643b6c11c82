// Which cores a process claims, in which order, and how many threads it has for them. Next: take-cores.ts
import { availableParallelism } from 'node:os'
import { cpuQuota, type CpuQuota } from './quota.js'
import { readTopology, type Place, type Topology } from './topology.js'

/** A physical core, as this process may use it. */
export interface Core {
  /** Its CPUs that we may use: a thread is pinned to the first; to the others where threads are more than cores. */
  readonly cpus: readonly number[]
  /** All of its CPUs: whoever claims the core claims each of them. */
  readonly siblings: readonly number[]
  readonly node: number | undefined
}

export interface Wish {
  readonly topology: Topology
  readonly quota: CpuQuota | undefined
  /** CPUs that other processes have claimed. */
  readonly claimed: readonly number[]
  /** As many as somebody asked for; undefined: as many as there are cores for. */
  readonly threads: number | undefined
  /** CPUs of a platform that does not name them. */
  readonly unnamed: number
}

export interface Placement {
  /** Compute threads, at least 1. */
  readonly threads: number
  /** One of the cores is for the main thread and what it waits for: claimed, and nobody is pinned to it. */
  readonly keepsCore: boolean
  /** Free cores in the order in which they are to be claimed; more than are needed where others may be faster. */
  readonly cores: readonly Core[]
}

/**
 * From so many cores on, one is the main thread's: it moves the bytes of all jobs, and a compute thread that it takes
 * turns with makes the others wait. With 3 that would cost a third of the threads, for a main thread that then has
 * little to do.
 */
const CORES_TO_KEEP_ONE = 4

/**
 * Who is not told how many threads stays on one NUMA node, the one with the most free cores: it has a thread for each
 * of them but one, and no more than the quota keeps busy. Who is told fills node by node. A core of which another
 * process has claimed any CPU is not free.
 */
export function planPlacement({ topology, quota, claimed, threads, unnamed }: Wish): Placement {
  const free = coresOf(topology).filter(({ siblings }) => !siblings.some((cpu) => claimed.includes(cpu)))
  const nodes = [...Map.groupBy(free, ({ node }) => node)].toSorted(
    ([a = 0, on], [b = 0, others]) => others.length - on.length || a - b,
  )
  if (threads !== undefined) return { threads, keepsCore: false, cores: nodes.flatMap(([, cores]) => cores) }
  const cores = nodes[0]?.[1] ?? []
  return { ...threadsOn(topology.places.length === 0 ? unnamed : cores.length, quota), cores }
}

/** Of a process that has so many cores, and so much of their time. */
export function threadsOn(
  cores: number,
  quota: CpuQuota | undefined,
): Pick<Placement, 'threads' | 'keepsCore'> {
  const busy = Math.min(cores, Math.ceil(quota?.cpus ?? Infinity))
  const keepsCore = busy >= CORES_TO_KEEP_ONE
  return { threads: Math.max(1, keepsCore ? busy - 1 : busy), keepsCore }
}

/** Of a worker that is not told how many, where no other has claimed a core. */
export const defaultThreads = (root = '/'): number => planPlacement(wishHere({ root })).threads

/** Of each of so many workers that share this machine, on whichever node. */
export function threadsEach(workers: number, root = '/'): number {
  const { topology, quota, unnamed } = wishHere({ root })
  const cores = coresOf(topology).length || unnamed
  const part = quota && { ...quota, cpus: quota.cpus / workers }
  return threadsOn(Math.floor(cores / workers), part).threads
}

/** What is to be known of this machine for a plan. */
export function wishHere({
  root = '/',
  threads,
  claimed = [],
}: { root?: string } & Partial<Pick<Wish, 'threads' | 'claimed'>>): Wish {
  const [topology, quota] = [readTopology(root), cpuQuota(root)]
  return { topology, quota, claimed, threads, unnamed: availableParallelism() }
}

/** In the order of their best CPUs. */
export function coresOf({ places }: Topology): Core[] {
  const cores = Map.groupBy(places, ({ siblings, cpu }) => siblings[0] ?? cpu)
  return [...cores.values()].map((of) => coreOf(of))
}

const coreOf = (places: readonly Place[]): Core => {
  const [{ siblings, node } = { siblings: [], node: undefined }] = places
  return { cpus: places.map(({ cpu }) => cpu), siblings, node }
}
