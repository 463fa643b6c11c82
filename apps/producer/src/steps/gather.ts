// leg: gather. Collects the steps that arrive within a short window into jobs and puts those on the queue.
// Next: libs/queue/src/enqueue.ts
import { randomUUID } from 'node:crypto'
import { JOB_STEPS, JOB_VERSION, jobId, type Job } from '@cohort/contracts'
import { encodeObservations } from '@cohort/queue'
import type { BatchRecord } from '@cohort/store'
import type { AdmittedSteps } from './admit.js'
import type { Notify } from './notify.js'
import { placeBatches } from './place.js'
import { planJobs, type PlannedJob } from './plan-jobs.js'
import type { WaitingSteps } from './waiting-steps.js'

/** What goes on the queue in one go. */
export interface Flush {
  readonly pending: readonly AdmittedSteps[]
  /** records[i]: where the steps of pending[i] are. */
  readonly records: readonly BatchRecord[]
  /** In the order in which they are to be added. */
  readonly jobs: readonly { readonly id: string; readonly job: Job }[]
}

interface GatherParts {
  /** How long steps are gathered while others of their kind are under way. */
  readonly windowMs: number
  /** Bytes of a job in a worker's arena. */
  readonly jobBytes: number
  /** Where workers publish their answers. */
  readonly channel: string
  readonly nowMs: () => number
  readonly waiting: WaitingSteps
  readonly notify: Pick<Notify, 'expect' | 'forget'>
  /** Keeps the records, then puts the jobs on the queue. Resolves when it has them. */
  readonly put: (flush: Flush) => Promise<void>
}

interface Pending {
  readonly steps: AdmittedSteps
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/**
 * Steps of one model that want the same columns. Its life:
 * idle → (steps arrive, nothing under way) → due at the end of this turn of the event loop
 * idle → (steps arrive, jobs under way) → due when the window ends, a job is full, or all jobs are answered
 * due → adding: what arrives now goes with the next add → idle, or due again
 */
interface Group {
  pending: Pending[]
  steps: number
  firstMs: number
  adding: boolean
  jobsUnderWay: number
  cancel: (() => void) | undefined
}

export class Gather {
  readonly #parts: GatherParts
  readonly #groups = new Map<string, Group>()
  /** Flushes under way, for `drain`. */
  readonly #flushes = new Set<Promise<void>>()

  constructor(parts: GatherParts) {
    this.#parts = parts
  }

  /** Resolves when all of the steps are on the queue; rejects where they are not known to be. */
  add(steps: AdmittedSteps): Promise<void> {
    const key = `${steps.model.modelId} ${steps.fields.join()}`
    const group = this.#groups.get(key) ?? newGroup()
    this.#groups.set(key, group)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (group.pending.length === 0) group.firstMs = this.#parts.nowMs()
    group.pending.push({ steps, resolve, reject })
    group.steps += steps.agents.length
    this.#schedule(key, group)
    return promise
  }

  /** Flushes what waits and resolves when the queue has it, or has refused it. */
  async drain(): Promise<void> {
    do {
      for (const [key, group] of this.#groups)
        if (!group.adding && group.pending.length > 0) this.#flush(key, group)
      await Promise.all(this.#flushes)
    } while (this.#flushes.size > 0 || [...this.#groups.values()].some(({ pending }) => pending.length > 0))
  }

  #schedule(key: string, group: Group): void {
    if (group.adding || group.pending.length === 0) return
    const flush = () => this.#flush(key, group)
    if (group.steps >= JOB_STEPS) return flush()
    if (group.jobsUnderWay === 0) {
      group.cancel?.()
      const immediate = setImmediate(flush)
      group.cancel = () => clearImmediate(immediate)
    } else if (group.cancel === undefined) {
      const timer = setTimeout(flush, Math.max(0, group.firstMs + this.#parts.windowMs - this.#parts.nowMs()))
      group.cancel = () => clearTimeout(timer)
    }
  }

  #flush(key: string, group: Group): void {
    group.cancel?.()
    group.cancel = undefined
    const { pending } = group
    group.pending = []
    group.steps = 0
    group.adding = true
    const flush = this.#put(key, group, pending).finally(() => {
      this.#flushes.delete(flush)
      group.adding = false
      this.#schedule(key, group)
      this.#forgetIdle(key, group)
    })
    this.#flushes.add(flush)
  }

  async #put(key: string, group: Group, pending: readonly Pending[]): Promise<void> {
    const { notify, put } = this.#parts
    let flush: Flush | undefined
    try {
      flush = this.#planned(pending.map(({ steps }) => steps))
      group.jobsUnderWay += flush.jobs.length
      notify.expect(flush, (steps) => this.#ended(key, group, steps))
      await put(flush)
      for (const { resolve } of pending) resolve()
    } catch (error) {
      if (flush === undefined) for (const { steps } of pending) this.#parts.waiting.give(steps.agents.length)
      else notify.forget(flush)
      for (const { reject } of pending) reject(error)
    }
  }

  #planned(pending: readonly AdmittedSteps[]): Flush {
    const { channel, jobBytes, nowMs } = this.#parts
    const plans = planJobs(pending, jobBytes).map((plan) => ({ id: jobId(randomUUID()), plan }))
    const addedMs = nowMs()
    const records = placeBatches(pending, plans, addedMs)
    const jobs = plans.map(({ id, plan }) => ({
      id,
      job: asJob(plan, pending[0] as AdmittedSteps, { channel, addedMs }),
    }))
    return { pending, records, jobs }
  }

  #ended(key: string, group: Group, steps: number): void {
    this.#parts.waiting.give(steps)
    group.jobsUnderWay -= 1
    if (group.jobsUnderWay === 0) this.#schedule(key, group)
    this.#forgetIdle(key, group)
  }

  #forgetIdle(key: string, group: Group): void {
    if (group.jobsUnderWay === 0 && group.pending.length === 0 && !group.adding) this.#groups.delete(key)
  }
}

const newGroup = (): Group => ({
  pending: [],
  steps: 0,
  firstMs: 0,
  adding: false,
  jobsUnderWay: 0,
  cancel: undefined,
})

/** All steps of a group are of one model and want the same columns: `any` of them says which. */
function asJob(
  plan: PlannedJob,
  any: AdmittedSteps,
  { channel, addedMs }: Pick<Job, 'channel' | 'addedMs'>,
): Job {
  return {
    v: JOB_VERSION,
    model: any.model.modelId,
    parts: [...plan.parts],
    count: plan.count,
    obs: encodeObservations(plan.columns),
    return: [...any.fields],
    origins: [...plan.origins],
    channel,
    addedMs,
  }
}
