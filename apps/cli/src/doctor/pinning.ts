// doctor, area pinning: a thread is really pinned and read back, and the claims on CPUs are looked at, not taken.
import { claimedCpus, type Pinning, readTopology, tryPinning } from '@cohort/threads'
import { plural } from '../view/words.js'
import type { Check } from './check.js'

export interface PinningFacts {
  /** CPUs that this process may use. */
  readonly allowed: readonly number[]
  /** Undefined where the platform names no CPU to try it with. */
  readonly trial: Pinning | undefined
  /** By any process; undefined where the system does not say. */
  readonly claimed: readonly number[] | undefined
}

export interface Wanted {
  /** COHORT_PINNING. */
  readonly pinning: boolean
  /** Threads that a worker starts where enough CPUs are free. */
  readonly threads: number
  /** They are as many as COHORT_THREADS says, free CPUs or not. */
  readonly told: boolean
}

export async function pinningFacts(): Promise<PinningFacts> {
  const { allowed } = readTopology()
  const [cpu] = allowed
  return { allowed, trial: cpu === undefined ? undefined : await tryPinning(cpu), claimed: claimedCpus() }
}

const area = 'pinning'
const UNPINNED = 'threads run where the system puts them'

export function pinningChecks(facts: PinningFacts, wanted: Wanted): Check[] {
  const check = { area, name: 'threads' } as const
  if (!wanted.pinning) {
    const mend = 'Unset COHORT_PINNING to pin them.'
    return [{ ...check, status: 'off', found: 'COHORT_PINNING is off', chosen: UNPINNED, mend }]
  }
  const { trial } = facts
  if (trial === undefined)
    return [{ ...check, status: 'off', found: 'this platform does not name its CPUs', chosen: UNPINNED }]
  if (!trial.pinned) {
    const mend = 'Allow the system call sched_setaffinity (seccomp, container profile) to pin them.'
    return [{ ...check, status: 'note', found: trial.reason, chosen: UNPINNED, mend }]
  }
  const found = `tried: a thread was pinned to CPU ${trial.cpu}, and is allowed nowhere else`
  return [
    { ...check, status: 'ok', found, chosen: 'each compute thread has a CPU of its own' },
    freeCheck(facts, wanted),
  ]
}

function freeCheck({ allowed, claimed }: PinningFacts, { threads, told }: Wanted): Check {
  const check = { area, name: 'free CPUs' } as const
  if (claimed === undefined)
    return { ...check, status: 'off', found: 'the system does not show who has claimed which' }
  const taken = allowed.filter((cpu) => claimed.includes(cpu))
  const free = allowed.length - taken.length
  const found = `${free} of ${allowed.length} free`
  if (free >= threads) return { ...check, status: 'ok', found }
  const list = taken.toSorted((a, b) => a - b).join(', ')
  return {
    ...check,
    status: 'note',
    found: taken.length === 0 ? found : `${found}; workers on this machine have ${list}`,
    chosen: chosenWith(free, told ? threads : Math.max(1, free)),
    why: 'no two threads are pinned to one CPU',
  }
}

function chosenWith(free: number, threads: number): string {
  const unpinned = threads - free
  const start = `a worker that starts now has ${plural(threads, 'compute thread')}`
  if (unpinned <= 0) return start
  return unpinned === threads ? `${start}, unpinned` : `${start}, ${unpinned} of them unpinned`
}
