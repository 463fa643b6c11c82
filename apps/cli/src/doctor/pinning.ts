// doctor, area pinning: a thread is really pinned and read back, claims are looked at, and a measurement is told.
import type { WorkerSettings } from '@cohort/contracts'
import {
  claimedCpus,
  coresOf,
  cpusOf,
  type Pinning,
  planPlacement,
  readVerdict,
  slowerPinned,
  tryPinning,
  type Verdict,
  type Wish,
  wishHere,
} from '@cohort/threads'
import { plural } from '../view/words.js'
import type { Check } from './check.js'
import type { Measured } from './measure/measure.js'

export interface PinningFacts {
  readonly machine: Omit<Wish, 'claimed' | 'threads'>
  /** Undefined where the platform names no CPU to try it with. */
  readonly trial: Pinning | undefined
  /** By any process; undefined where the system does not say. */
  readonly claimed: readonly number[] | undefined
  /** What was found of this machine, the last time that somebody measured. */
  readonly verdict: Verdict | undefined
}

export interface Wanted {
  /** COHORT_PINNING. */
  readonly pinning: WorkerSettings['pinning']
  /** COHORT_THREADS. */
  readonly threads: number | undefined
}

/** `dir` is that of COHORT_DIR. */
export async function pinningFacts(dir: string): Promise<PinningFacts> {
  const machine = wishHere({})
  const [cpu] = cpusOf(machine.topology)
  return {
    machine,
    trial: cpu === undefined ? undefined : await tryPinning(cpu),
    claimed: claimedCpus(),
    verdict: readVerdict(dir, machine.topology),
  }
}

const area = 'pinning'
const UNPINNED = 'threads run where the system puts them'

export function pinningChecks(facts: PinningFacts, wanted: Wanted): Check[] {
  const check = { area, name: 'threads' } as const
  if (wanted.pinning === 'off') {
    const mend = 'Unset COHORT_PINNING to pin them.'
    return [{ ...check, status: 'off', found: 'COHORT_PINNING is off', chosen: UNPINNED, mend }]
  }
  const { trial, verdict } = facts
  if (trial === undefined)
    return [{ ...check, status: 'off', found: 'this platform does not name its CPUs', chosen: UNPINNED }]
  if (!trial.pinned) {
    const mend = 'Allow the system call sched_setaffinity (seccomp, container profile) to pin them.'
    return [{ ...check, status: 'note', found: trial.reason, chosen: UNPINNED, mend }]
  }
  const found = `tried: a thread was pinned to CPU ${trial.cpu}, and is allowed nowhere else`
  const slower = wanted.pinning === 'on' ? undefined : slowerPinned(verdict)
  if (slower !== undefined) {
    const mend = 'COHORT_PINNING=on pins them all the same; `doctor --measure` measures again.'
    return [{ ...check, status: 'off', found, chosen: UNPINNED, why: slower, mend }]
  }
  return [
    { ...check, status: 'ok', found, chosen: 'each compute thread has a core of its own' },
    freeCheck(facts, wanted.threads),
  ]
}

function freeCheck({ machine, claimed }: PinningFacts, told: number | undefined): Check {
  const check = { area, name: 'free cores' } as const
  if (claimed === undefined)
    return { ...check, status: 'off', found: 'the system does not show who has claimed which' }
  const cores = coresOf(machine.topology)
  const free = cores.filter(({ siblings }) => !siblings.some((cpu) => claimed.includes(cpu)))
  const found = `${free.length} of ${cores.length} free`
  const [alone, now] = [[], claimed].map((by) =>
    planPlacement({ ...machine, claimed: by, threads: told }),
  ) as [ReturnType<typeof planPlacement>, ReturnType<typeof planPlacement>]
  const cpus = now.cores.reduce((sum, core) => sum + core.cpus.length, 0)
  const places = told === undefined ? now.cores.length : cpus
  if (places >= alone.threads) return { ...check, status: 'ok', found }
  const taken = cpusOf(machine.topology).filter((cpu) => claimed.includes(cpu))
  const list = taken.toSorted((a, b) => a - b).join(', ')
  return {
    ...check,
    status: 'note',
    found: taken.length === 0 ? found : `${found}; workers on this machine have CPU ${list}`,
    chosen: chosenWith(places, now.threads),
    why: 'no two threads are pinned to one CPU, and no two workers to one core',
  }
}

function chosenWith(places: number, threads: number): string {
  const unpinned = threads - places
  const start = `a worker that starts now has ${plural(threads, 'compute thread')}`
  if (unpinned <= 0) return start
  return unpinned === threads ? `${start}, unpinned` : `${start}, ${unpinned} of them unpinned`
}

/** Of a measurement that was made now, or of the last one. */
export function measuredCheck(verdict: Verdict | undefined, now?: Measured): Check {
  const check = { area, name: 'measured' } as const
  if (now !== undefined && 'reason' in now)
    return { ...check, status: 'off', found: 'not measured', why: now.reason }
  const shown = now?.verdict ?? verdict
  if (shown === undefined)
    return {
      ...check,
      status: 'off',
      found: 'nobody has compared pinned with unpinned threads here',
      mend: 'npm run -s cohort -- doctor --measure does, in some four seconds.',
    }
  const { ratio, threads, at } = shown
  const found = `pinned is ${ratio.toFixed(3)} times as fast as unpinned, ${plural(threads, 'thread')}`
  const when = now === undefined ? `; measured ${at}` : roundsOf(now)
  const isSlower = slowerPinned(shown) !== undefined
  return {
    ...check,
    status: isSlower ? 'note' : 'ok',
    found: found + when,
    chosen: isSlower
      ? 'workers run unpinned here, unless COHORT_PINNING is on'
      : 'workers pin their threads here, unless COHORT_PINNING is off',
  }
}

function roundsOf({ comparison, throttled }: Exclude<Measured, { reason: string }>): string {
  const { pairs, least, most } = comparison
  const spread = `; ${pairs} pairs of rounds, ${least.toFixed(3)} to ${most.toFixed(3)}`
  return throttled === 0 ? spread : `${spread}; the quota stopped all in ${plural(throttled, 'period')}`
}
