// leg: gather. Collects the steps that arrive within a short window into jobs. Next: flush.ts
import { randomUUID } from 'node:crypto'
import {
  JOB_STEPS,
  JOB_VERSION,
  jobId,
  type BatchId,
  type Job,
  type ModelInfo,
  type ReturnField,
} from '@cohort/contracts'
import { encodeObservations } from '@cohort/queue'
import type { ClaimKey } from '@cohort/store'
import type { AdmittedSteps } from './admit.js'
import type { Flush } from './flush.js'
import { inProgress } from './idempotency.js'
import type { Notify } from './notify.js'
import type { Observers } from './observer.js'
import { placeBatches } from './plan/place.js'
import { planJobs, type PlannedJob } from './plan/plan-jobs.js'
import { requestsOf, tracedOrigins } from './traced-jobs.js'
import type { WaitingSteps } from './waiting-steps.js'

interface GatherNeeds {
  /** How long steps are gathered while others of their kind are under way. */
  readonly windowMs: number
  /** Bytes of a job in a worker's arena. */
  readonly jobBytes: number
  /** Where workers publish their answers. */
  readonly channel: string
  readonly nowMs: () => number
  readonly waiting: WaitingSteps
  readonly notify: Pick<Notify, 'expect' | 'forget'>
  readonly observer: Observers
  /** `keepRecords` and `putOnQueue` of flush.ts. */
  readonly keep: (flush: Flush) => Promise<readonly BatchId[]>
  readonly put: (flush: Flush) => Promise<void>
}

interface Pending {
  readonly steps: AdmittedSteps
  readonly claim: ClaimKey | undefined
  readonly resolve: (addedMs: number) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Steps of one model that want the same columns. Its life:
 * idle → (steps arrive, nothing under way) → due at the end of this turn of the event loop
 * idle → (steps arrive, jobs under way) → due when the window ends, a job is full, or all jobs are answered
 * due → adding: what arrives now goes with the next add → idle, or due again
 */
interface Group {
  readonly model: ModelInfo
  readonly fields: readonly ReturnField[]
  pending: Pending[]
  steps: number
  firstMs: number
  adding: boolean
  jobsUnderWay: number
  cancel: (() => void) | undefined
}

export class Gather {
  readonly #needs: GatherNeeds
  readonly #groups = new Map<string, Group>()
  /** Flushes under way, for `drain`. */
  readonly #flushes = new Set<Promise<void>>()

  constructor(needs: GatherNeeds) {
    this.#needs = needs
  }

  /**
   * Resolves when all of the steps are on the queue, with the end of this leg; rejects where they are not known to be
   * there, and with `key_in_progress` where another batch has taken over their `claim` meanwhile.
   */
  add(steps: AdmittedSteps, claim?: ClaimKey): Promise<number> {
    const key = `${steps.model.modelId} ${steps.fields.join()}`
    const group = this.#groups.get(key) ?? newGroup(steps)
    this.#groups.set(key, group)
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    if (group.pending.length === 0) group.firstMs = this.#needs.nowMs()
    group.pending.push({ steps, claim, resolve, reject })
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
      const timer = setTimeout(flush, Math.max(0, group.firstMs + this.#needs.windowMs - this.#needs.nowMs()))
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
    const { notify, put, observer } = this.#needs
    const kept = await this.#kept(group, pending)
    if (kept === undefined) return
    const { flush, left } = kept
    group.jobsUnderWay += flush.jobs.length
    const added = notify.expect(flush, (steps) => this.#ended(key, group, steps))
    try {
      await put(flush)
    } catch (error) {
      notify.forget(flush)
      for (const { reject } of left) reject(error)
      return
    }
    added()
    for (const { resolve } of left) resolve(flush.addedMs)
    observer.queued(flush)
  }

  /** The jobs of those whose claims still stand, their records kept; undefined where there are none. */
  async #kept(group: Group, pending: readonly Pending[]) {
    let left = pending
    try {
      while (left.length > 0) {
        const flush = this.#planned(group, left)
        const lost = await this.#needs.keep(flush)
        if (lost.length === 0) return { flush, left }
        const isLost = ({ steps }: Pending) => lost.includes(steps.batch)
        this.#refuse(left.filter(isLost), inProgress())
        left = left.filter((one) => !isLost(one))
      }
    } catch (error) {
      this.#refuse(left, error)
    }
    return undefined
  }

  #refuse(pending: readonly Pending[], error: unknown): void {
    for (const { steps, reject } of pending) {
      this.#needs.waiting.give(steps.agents.length)
      reject(error)
    }
  }

  #planned(group: Group, left: readonly Pending[]): Flush {
    const { channel, jobBytes, nowMs } = this.#needs
    const pending = left.map(({ steps }) => steps)
    const plans = planJobs(pending, jobBytes).map((plan) => ({ id: jobId(randomUUID()), plan }))
    const addedMs = nowMs()
    const records = placeBatches(pending, plans, addedMs).map((record, at) => ({
      record,
      claim: left[at]?.claim,
    }))
    const jobs = plans.map(({ id, plan }) => ({
      id,
      job: asJob(plan, group, { channel, addedMs }),
      requests: requestsOf(plan),
    }))
    return { pending, records, jobs, addedMs }
  }

  #ended(key: string, group: Group, steps: number): void {
    this.#needs.waiting.give(steps)
    group.jobsUnderWay -= 1
    if (group.jobsUnderWay === 0) this.#schedule(key, group)
    this.#forgetIdle(key, group)
  }

  #forgetIdle(key: string, group: Group): void {
    if (group.jobsUnderWay === 0 && group.pending.length === 0 && !group.adding) this.#groups.delete(key)
  }
}

const newGroup = ({ model, fields }: AdmittedSteps): Group => ({
  model,
  fields,
  pending: [],
  steps: 0,
  firstMs: 0,
  adding: false,
  jobsUnderWay: 0,
  cancel: undefined,
})

function asJob(
  plan: PlannedJob,
  { model, fields }: Group,
  { channel, addedMs }: Pick<Job, 'channel' | 'addedMs'>,
): Job {
  return {
    v: JOB_VERSION,
    model: model.modelId,
    parts: [...plan.parts],
    count: plan.count,
    obs: encodeObservations(plan.columns, plan.soft),
    return: [...fields],
    origins: tracedOrigins(plan),
    channel,
    addedMs,
  }
}
