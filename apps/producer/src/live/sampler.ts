// What the live page shows, once: this producer's own numbers, and what Redis knows of the whole system.
import type { StepQueue } from '@cohort/queue'
import type { Store } from '@cohort/store'
import type { Log } from '@cohort/telemetry'
import type { Point, Snapshot, SystemSeen } from '../../page/snapshot.js'
import { inTime } from '../in-time.js'
import type { WaitingSteps } from '../steps/waiting-steps.js'
import type { RequestWindow } from './request-window.js'
import { WorkerRates } from './worker-rates.js'

export interface SamplerNeeds {
  readonly store: Pick<Store, 'workers'>
  readonly queue: Pick<StepQueue, 'pressure'>
  readonly waiting: Pick<WaitingSteps, 'count' | 'limit'>
  readonly window: RequestWindow
  readonly nowMs: () => number
  readonly log: Pick<Log, 'debug'>
}

/** How long Redis may take to answer. The page says that it does not, and goes on. */
const ANSWER_MS = 800

export class Sampler {
  readonly #needs: SamplerNeeds
  #rates = new WorkerRates()

  constructor(needs: SamplerNeeds) {
    this.#needs = needs
  }

  /** Never rejects. */
  async look(): Promise<Snapshot> {
    const { waiting, window, nowMs } = this.#needs
    const system = await this.#system()
    const atMs = nowMs()
    const { requests, latencyMs } = window.look(atMs)
    return {
      now: { atMs, ...throughput(system), ...latencyMs },
      requests,
      waiting: { steps: waiting.count, limit: waiting.limit },
      ...(system === undefined ? {} : { system }),
    }
  }

  /** Between two looks that are far apart nobody knows how fast workers were. */
  forget(): void {
    this.#rates = new WorkerRates()
  }

  async #system(): Promise<SystemSeen | undefined> {
    const { store, queue, nowMs, log } = this.#needs
    try {
      const asked = Promise.all([store.workers.list(), queue.pressure()])
      const [workers, { jobs, byState, oldestMs }] = await inTime(ANSWER_MS, 'Redis', asked)
      const { active } = byState
      return {
        queue: { waiting: jobs - active, active, oldestMs },
        workers: this.#rates.look(workers, nowMs()),
      }
    } catch (error) {
      log.debug('the live page gets no news of the system', { error })
      return undefined
    }
  }
}

function throughput(system: SystemSeen | undefined): Pick<Point, 'stepsPerSecond'> {
  const rates = system?.workers.flatMap(({ stepsPerSecond }) => stepsPerSecond ?? []) ?? []
  return rates.length === 0 ? {} : { stepsPerSecond: rates.reduce((sum, rate) => sum + rate, 0) }
}
