// doctor, area machine: its CPUs, those that we may use, their time, and the threads that a worker starts for them.
import { cpus } from 'node:os'
import {
  cpusOf,
  type Placement,
  planPlacement,
  readThrottling,
  type Throttling,
  type Wish,
  wishHere,
} from '@cohort/threads'
import { grouped, percent, plural } from '../view/words.js'
import type { Check } from './check.js'

export interface MachineFacts extends Pick<Wish, 'topology' | 'quota'> {
  /** CPUs of the machine, whoever may use them. */
  readonly all: number
  /** Undefined where there is no quota, or the kernel does not count. */
  readonly throttling: Throttling | undefined
  /** Of a worker that is not told how many threads, where no other is. */
  readonly plan: Pick<Placement, 'threads' | 'keepsCore'>
}

export function machineFacts(): MachineFacts {
  const wish = wishHere({})
  const { topology, quota } = wish
  return { all: cpus().length, topology, quota, throttling: readThrottling(), plan: planPlacement(wish) }
}

/** `threads`: COHORT_THREADS, where it is set. */
export const machineChecks = (facts: MachineFacts, threads: number | undefined): Check[] => [
  cpuCheck(facts),
  coreCheck(facts),
  nodeCheck(facts),
  quotaCheck(facts),
  throttlingCheck(facts),
  threadCheck(facts, threads),
]

const area = 'machine'

function cpuCheck({ all, topology }: MachineFacts): Check {
  const allowed = cpusOf(topology)
  const check = { area, name: 'CPUs' } as const
  const machine = `the machine has ${plural(all, 'CPU')}`
  if (allowed.length === 0)
    return { ...check, status: 'note', found: machine, why: 'this platform does not say which we may use' }
  if (allowed.length >= all) return { ...check, status: 'ok', found: `${machine}, this process may use all` }
  const list = allowed.toSorted((a, b) => a - b).join(', ')
  const found = `${machine}, this process may use ${allowed.length}: ${list}`
  return { ...check, status: 'ok', found, why: 'its affinity or its cpuset keeps it from the others' }
}

function coreCheck({ topology: { places, cores } }: MachineFacts): Check {
  const check = { area, name: 'cores' } as const
  if (cores === undefined)
    return {
      ...check,
      status: 'off',
      found: 'which CPUs share a core is not known',
      chosen: 'each counts as one',
    }
  if (cores === places.length)
    return { ...check, status: 'ok', found: `${plural(cores, 'core')}, one CPU each` }
  return {
    ...check,
    status: 'ok',
    found: `${plural(cores, 'core')} under ${plural(places.length, 'CPU')}`,
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
    status: 'ok',
    found: `${nodes.length}: ${nodes.join(', ')}`,
    chosen: 'a worker that is not told how many threads stays on one; `up` starts one for each',
    why: 'memory of another node is farther away',
  }
}

function quotaCheck({ quota, plan: { threads } }: MachineFacts): Check {
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

/** So few periods may have been of another load, or of the start of a process. */
const FEW_THROTTLED = 0.01

function throttlingCheck({ quota, throttling }: MachineFacts): Check {
  const check = { area, name: 'throttling' } as const
  if (quota === undefined) return { ...check, status: 'ok', found: 'none, without a quota' }
  if (throttling === undefined)
    return { ...check, status: 'off', found: 'the kernel does not say how often the quota was used up' }
  const { periods, throttled, seconds } = throttling
  const share = throttled / Math.max(1, periods)
  const found = `the quota was used up in ${grouped(throttled)} of ${plural(periods, 'period')} (${percent(share)})`
  if (share < FEW_THROTTLED) return { ...check, status: 'ok', found }
  return {
    ...check,
    status: 'note',
    found,
    why: `threads stood still for ${seconds.toFixed(1)} s, added up over the CPUs, since the group is there`,
    mend: 'Raise the quota, or lower COHORT_THREADS: the main thread and other processes of the group need time, too.',
  }
}

function threadCheck(
  { topology, plan: { threads: otherwise, keepsCore } }: MachineFacts,
  threads: number | undefined,
): Check {
  const check = { area, name: 'threads' } as const
  const count = threads ?? otherwise
  const chosen = `a worker starts ${plural(count, 'compute thread')}`
  const kept = keepsCore ? { why: 'one core is left to its main thread' } : {}
  if (threads === undefined)
    return { ...check, status: 'ok', found: 'COHORT_THREADS is not set', chosen, ...kept }
  const found = `COHORT_THREADS is ${threads}`
  if (threads <= Math.max(topology.places.length, otherwise)) return { ...check, status: 'ok', found, chosen }
  const why = 'there are fewer CPUs: threads take turns, and those without one run unpinned'
  return { ...check, status: 'note', found, chosen, why, mend: `Unset it: ${otherwise} fit here.` }
}
