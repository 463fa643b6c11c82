// From what workers say of themselves, beat by beat, to how fast each is and how busy its threads are.
import type { AliveWorker, WorkerProgress } from '@cohort/store'
import type { ThreadSeen, WorkerSeen } from '../../page/snapshot.js'

interface Rates {
  readonly progress: WorkerProgress
  readonly heardMs: number
  readonly stepsPerSecond?: number
  /** By seat. */
  readonly busy: ReadonlyMap<number | null, number>
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
      const now = next(this.#rates.get(worker.id), worker.progress, nowMs)
      rates.set(worker.id, now)
      return shown(worker, now)
    })
    this.#rates = rates
    return seen
  }
}

function next(before: Rates | undefined, progress: WorkerProgress, nowMs: number): Rates {
  const none: Rates = { progress, heardMs: nowMs, busy: new Map() }
  if (before === undefined) return none
  if (before.progress.upMs === progress.upMs)
    return nowMs - before.heardMs > STALE_MS ? { ...none, heardMs: before.heardMs } : before
  const passedMs = progress.upMs - before.progress.upMs
  // Another process under the same name: pid 1 of a container that was started anew.
  if (passedMs < 0 || progress.steps < before.progress.steps) return none
  const computedMs = new Map(before.progress.threads.map(({ seat, computeMs }) => [seat, computeMs]))
  const busy = progress.threads.flatMap(({ seat, computeMs }): [number | null, number][] => {
    const earlierMs = computedMs.get(seat)
    return earlierMs === undefined ? [] : [[seat, share(computeMs - earlierMs, passedMs)]]
  })
  const stepsPerSecond = ((progress.steps - before.progress.steps) * 1000) / passedMs
  return { progress, heardMs: nowMs, stepsPerSecond, busy: new Map(busy) }
}

/** A task that began before the first beat is counted whole when its job ends. */
const share = (part: number, whole: number): number => Math.min(1, Math.max(0, part / whole))

function shown({ id, host, pid }: AliveWorker, { progress, stepsPerSecond, busy }: Rates): WorkerSeen {
  const threads = progress.threads.map(({ seat, cpu }): ThreadSeen => {
    const part = busy.get(seat)
    return part === undefined ? { cpu } : { cpu, busy: part }
  })
  const rate = stepsPerSecond === undefined ? {} : { stepsPerSecond }
  return { id, host, pid, steps: progress.steps, ...rate, threads }
}
