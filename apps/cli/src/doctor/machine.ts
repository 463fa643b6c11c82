// doctor, area machine: its CPUs, those that we may use, their time, and the threads that a worker starts for them.
import { cpus } from 'node:os'
import { type CpuQuota, cpuQuota, defaultThreads, readTopology, type Topology } from '@cohort/threads'
import { plural } from '../view/words.js'
import type { Check } from './check.js'

export interface MachineFacts {
  /** CPUs of the machine, whoever may use them. */
  readonly all: number
  readonly topology: Topology
  readonly quota: CpuQuota | undefined
  /** Those of a worker that is not told how many. */
  readonly defaultThreads: number
}

export const machineFacts = (): MachineFacts => ({
  all: cpus().length,
  topology: readTopology(),
  quota: cpuQuota(),
  defaultThreads: defaultThreads(),
})

/** `threads`: COHORT_THREADS, where it is set. */
export const machineChecks = (facts: MachineFacts, threads: number | undefined): Check[] => [
  cpuCheck(facts),
  coreCheck(facts),
  nodeCheck(facts),
  quotaCheck(facts),
  threadCheck(facts, threads),
]

const area = 'machine'

function cpuCheck({ all, topology: { allowed } }: MachineFacts): Check {
  const check = { area, name: 'CPUs' } as const
  const machine = `the machine has ${plural(all, 'CPU')}`
  if (allowed.length === 0)
    return { ...check, status: 'note', found: machine, why: 'this platform does not say which we may use' }
  if (allowed.length >= all) return { ...check, status: 'ok', found: `${machine}, this process may use all` }
  const list = allowed.toSorted((a, b) => a - b).join(', ')
  const found = `${machine}, this process may use ${allowed.length}: ${list}`
  return { ...check, status: 'ok', found, why: 'its affinity or its cpuset keeps it from the others' }
}

function coreCheck({ topology: { allowed, cores } }: MachineFacts): Check {
  const check = { area, name: 'cores' } as const
  if (cores === undefined)
    return {
      ...check,
      status: 'off',
      found: 'which CPUs share a core is not known',
      chosen: 'each counts as one',
    }
  if (cores === allowed.length)
    return { ...check, status: 'ok', found: `${plural(cores, 'core')}, one CPU each` }
  return {
    ...check,
    status: 'ok',
    found: `${plural(cores, 'core')} under ${plural(allowed.length, 'CPU')}`,
    chosen: 'a thread for each core; siblings of one core share what computes',
  }
}

function nodeCheck({ topology: { nodes } }: MachineFacts): Check {
  const check = { area, name: 'NUMA nodes' } as const
  if (nodes === undefined || nodes.length === 0)
    return { ...check, status: 'off', found: 'not known', chosen: 'all memory counts as near' }
  if (nodes.length === 1) return { ...check, status: 'ok', found: '1, all memory is near' }
  return {
    ...check,
    status: 'note',
    found: `${nodes.length}: ${nodes.join(', ')}`,
    why: 'the threads of one worker may be far from its memory',
    mend: 'Start a worker for each node: numactl --cpunodebind=N --membind=N npm run -s cohort -- worker',
  }
}

function quotaCheck({ quota, defaultThreads: threads }: MachineFacts): Check {
  const check = { area, name: 'CPU quota' } as const
  if (quota === undefined) return { ...check, status: 'ok', found: 'none' }
  const found = `${Number(quota.cpus.toFixed(2))} CPUs of time, by ${quota.file}`
  if (quota.cpus >= threads) return { ...check, status: 'ok', found }
  const why = 'the system stops all threads for the rest of each period when the time is used up'
  return {
    ...check,
    status: 'note',
    found,
    why,
    mend: 'Raise the quota to whole CPUs where latency matters.',
  }
}

function threadCheck(
  { topology, defaultThreads: otherwise }: MachineFacts,
  threads: number | undefined,
): Check {
  const check = { area, name: 'threads' } as const
  const count = threads ?? otherwise
  const chosen = `a worker starts ${plural(count, 'compute thread')}`
  if (threads === undefined) return { ...check, status: 'ok', found: 'COHORT_THREADS is not set', chosen }
  const found = `COHORT_THREADS is ${threads}`
  if (threads <= Math.max(topology.allowed.length, otherwise))
    return { ...check, status: 'ok', found, chosen }
  const why = 'there are fewer CPUs: threads take turns, and those without one run unpinned'
  return { ...check, status: 'note', found, chosen, why, mend: `Unset it: ${otherwise} fit here.` }
}
