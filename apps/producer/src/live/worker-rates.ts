// From what workers say of themselves, beat by beat, to how fast each is and how busy its threads are.
import type { AliveWorker, WorkerLoad } from '@cohort/store'
import type { ThreadSeen, WorkerSeen } from '../../page/snapshot.js'

interface Rates {
  readonly load: WorkerLoad
  readonly heardMs: number
  readonly stepsPerSecond?: number
  /** By thread. */
  readonly busy: ReadonlyMap<number, number>
}

/** After so long without news nobody knows how fast it is. */
const STALE_MS = 3500

/**
 * Rates are between two beats on the worker's own clock: neither a late look nor clocks that differ change them. A
 * look that finds no new beat repeats the last rates.
 */
export class WorkerRates {
  #rates = new Map<string, Rates>()

  /** `workers`: all that are alive now. */
  look(workers: readonly AliveWorker[], nowMs: number): WorkerSeen[] {
    const rates = new Map<string, Rates>()
    const seen = workers.map((worker) => {
      if (!isLoad(worker.load)) return { ...named(worker), threads: worker.cpus.map((cpu) => ({ cpu })) }
      const now = next(this.#rates.get(worker.id), worker.load, nowMs)
      rates.set(worker.id, now)
      return shown(worker, now)
    })
    this.#rates = rates
    return seen
  }
}

const named = ({ id, host, pid }: AliveWorker) => ({ id, host, pid })

/** Of any version: what is read here is there. */
function isLoad(load: AliveWorker['load']): load is WorkerLoad {
  return typeof load?.upMs === 'number' && typeof load.steps === 'number' && Array.isArray(load.threads)
}

function next(before: Rates | undefined, load: WorkerLoad, nowMs: number): Rates {
  const none: Rates = { load, heardMs: nowMs, busy: new Map() }
  if (before === undefined) return none
  if (before.load.upMs === load.upMs)
    return nowMs - before.heardMs > STALE_MS ? { ...none, heardMs: before.heardMs } : before
  const passedMs = load.upMs - before.load.upMs
  // Another process under the same name: pid 1 of a container that was started anew.
  if (passedMs < 0 || load.steps < before.load.steps) return none
  const computedMs = new Map(before.load.threads.map(({ id, computeMs }) => [id, computeMs]))
  const busy = load.threads.flatMap(({ id, computeMs }): [number, number][] => {
    const earlierMs = computedMs.get(id)
    return earlierMs === undefined ? [] : [[id, share(computeMs - earlierMs, passedMs)]]
  })
  const stepsPerSecond = ((load.steps - before.load.steps) * 1000) / passedMs
  return { load, heardMs: nowMs, stepsPerSecond, busy: new Map(busy) }
}

/** A task that began before the first beat is counted whole when its job ends. */
const share = (part: number, whole: number): number => Math.min(1, Math.max(0, part / whole))

function shown(worker: AliveWorker, { load, stepsPerSecond, busy }: Rates): WorkerSeen {
  const threads = load.threads.map(({ id, cpu }): ThreadSeen => {
    const part = busy.get(id)
    return part === undefined ? { cpu } : { cpu, busy: part }
  })
  const rate = stepsPerSecond === undefined ? {} : { stepsPerSecond }
  return { ...named(worker), steps: load.steps, ...rate, threads }
}
