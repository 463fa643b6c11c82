// One request for steps, from its body to its answer: admit → claim its key → gather → notify.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CohortError,
  MOST_FAULTS,
  type AgentError,
  type Batch,
  type BatchAccepted,
  type BatchId,
} from '@cohort/contracts'
import type { ClaimKey } from '@cohort/store'
import type { Log, RequestSpan } from '@cohort/telemetry'
import type { LookUpNeeds } from '../batches/look-up.js'
import { endedText, type EndedBatch } from '../batches/ended-text.js'
import { readBatch } from '../batches/read-batch.js'
import { admit, type AdmitNeeds, type AdmittedSteps } from './admit.js'
import type { Gather } from './gather.js'
import { claim, claimKeyOf, readKey } from './idempotency.js'
import type { Notify } from './notify.js'
import type { Observers } from './observer.js'

export interface StepsNeeds extends AdmitNeeds, LookUpNeeds {
  readonly gather: Gather
  readonly notify: Notify
  /** Hears of each request that ended while its caller waited. */
  readonly observer: Observers
  readonly log: Log
}

export interface StepsCall {
  readonly body: unknown
  readonly idempotencyKey: string | undefined
  readonly arrivedMs: number
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal
  /** Undefined where nothing is traced. */
  readonly trace?: RequestSpan | undefined
}

/** Ended and waited for, with the text of its answer; ended, and found by its key; or under way. */
export type StepsAnswer =
  | { readonly kind: 'ended'; readonly batch: EndedBatch; readonly text: string }
  | { readonly kind: 'found'; readonly batch: Batch }
  | { readonly kind: 'accepted'; readonly batch: BatchAccepted }

/**
 * Throws what admit and claim throw, `redis_unavailable` where the steps are not known to be on the queue,
 * and `wrong_step` where the caller waited and no agent was at its `t`.
 */
export async function postSteps(needs: StepsNeeds, call: StepsCall): Promise<StepsAnswer> {
  const header = readKey(call.idempotencyKey)
  const steps = { ...(await admit(needs, call.body, call.arrivedMs)), trace: call.trace }
  if (call.trace?.sampled === true) noteAdmitted(call.trace, steps)
  const answer = await answerTo(needs, call, { steps, header })
  const ms = needs.nowMs() - steps.arrivedMs
  const { batchId: batch, status } = answer.batch
  needs.log.debug('a request for steps is done', { batch, status, steps: steps.agents.length, ms })
  return answer
}

async function answerTo(
  needs: StepsNeeds,
  { trace, signal }: StepsCall,
  { steps, header }: { steps: AdmittedSteps; header: ReturnType<typeof readKey> },
): Promise<StepsAnswer> {
  const key = header === undefined ? undefined : claimKeyOf(steps, header)
  const first = key === undefined ? undefined : await claimedBy(needs, key, steps)
  if (first !== undefined) return foundByKey(needs, first, { steps, signal })
  const addedMs = await needs.gather.add(steps, key)
  trace?.leg('gather', steps.admittedMs, addedMs)
  if (steps.waitMs === 0) return accepted({ batchId: steps.batch, status: 'queued' })
  const ended = await needs.notify.wait(steps.batch, untilMs(steps), signal)
  if (typeof ended === 'string') return accepted({ batchId: steps.batch, status: ended })
  // To the end of the request's answer.
  trace?.leg('notify', ended.receivedMs)
  trace?.note({ status: ended.status })
  const { text, answeredMs: atMs, legs } = endedText(ended, needs.nowMs)
  needs.observer.waited({ ms: atMs - steps.arrivedMs, trace })
  if (legs !== undefined) needs.observer.ended({ legs, atMs, waited: true, trace })
  refuseWrongStep(steps, ended)
  return { kind: 'ended', batch: ended, text }
}

function noteAdmitted(trace: RequestSpan, steps: AdmittedSteps): void {
  trace.leg('admit', steps.arrivedMs, steps.admittedMs)
  const { batch, population, model, agents } = steps
  trace.note({ batch, population: population.id, model: model.modelId, steps: agents.length })
}

const accepted = (batch: BatchAccepted): StepsAnswer => ({ kind: 'accepted', batch })

const untilMs = ({ arrivedMs, waitMs }: AdmittedSteps): number => arrivedMs + waitMs

/** The batch that has the key already: these steps are then not to be run, and wait no more. */
async function claimedBy(
  needs: StepsNeeds,
  key: ClaimKey,
  steps: AdmittedSteps,
): Promise<BatchId | undefined> {
  const giveBack = () => needs.waiting.give(steps.agents.length)
  try {
    const first = await claim(needs, key, steps)
    if (first !== undefined) giveBack()
    return first
  } catch (error) {
    giveBack()
    throw error
  }
}

const PAUSES_MS = { first: 10, longest: 1000 } as const

/** Its answers go to the producer that has it, which may be another: so this one asks Redis. */
async function foundByKey(
  needs: StepsNeeds,
  first: BatchId,
  { steps, signal }: { steps: AdmittedSteps; signal: AbortSignal },
): Promise<StepsAnswer> {
  for (let pauseMs: number = PAUSES_MS.first; ; pauseMs = Math.min(2 * pauseMs, PAUSES_MS.longest)) {
    const batch = await readBatch(needs, first)
    const { status } = batch
    const leftMs = untilMs(steps) - needs.nowMs()
    if (steps.waitMs > 0 && status !== 'queued' && status !== 'active') {
      refuseWrongStep(steps, batch)
      return { kind: 'found', batch }
    }
    if (steps.waitMs === 0 || leftMs <= 0 || signal.aborted || needs.notify.released)
      return accepted({ batchId: first, status })
    await sleep(Math.min(pauseMs, leftMs))
  }
}

/** Where all failed for it, it is the request's fault; where some did, it is data in the answer. */
function refuseWrongStep(
  { t }: AdmittedSteps,
  { status, errors = [] }: Pick<Batch, 'status'> & { errors?: readonly AgentError[] },
): void {
  if (t === undefined || status !== 'failed' || !errors.every(({ code }) => code === 'wrong_step')) return
  const faults = errors
    .slice(0, MOST_FAULTS)
    .map(({ detail }, i) => ({ path: `agents[${i}]`, message: detail, expected: `step ${t}` }))
  throw new CohortError('wrong_step', `none of the agents is at step ${t}`, { errors: faults })
}
