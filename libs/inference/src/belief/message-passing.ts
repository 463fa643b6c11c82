// Marginal message passing over a window (MMP): what each policy says about the past and its own future.
import { CohortError } from '@cohort/contracts'
import type { Scratch } from '../scratch.js'
import { type MessagePassing, sumLearnedRows } from './message-scratch.js'
import { inferPolicy } from './infer-policy.js'
import { noteImpossible, observe } from './observe.js'
import { predictPrior } from './predict.js'
import { averageAt, keepFirst, takeIn } from './window.js'

/**
 * Each policy's beliefs about the last `window` observations and its own future, see infer-policy.ts, and from them
 * `scratch.evidence` = −F, see window-free-energy.ts; with `matchPymdp` −F of pymdp, whose sign is wrong.
 *
 * What the agent itself believes is known once q_pi is: `settleBeliefs` must follow `policyPosterior`.
 */
export function passMessages(scratch: Scratch): void {
  const { evidence, mind } = scratch
  const passing = passingOf(scratch)
  takeIn(scratch, passing)
  predictPrior(scratch)
  observe(scratch)
  noteImpossible(scratch)
  sumLearnedRows(mind, passing)
  for (let policy = 0; policy < mind.policies; policy++) {
    inferPolicy(mind, passing, policy)
    evidence[policy] = -passing.F[policy]
  }
  scratch.iterations = mind.options.numIter
}

/**
 * The Bayesian model average: `scratch.agent.beliefs` = Σ_π q_pi q_π(s_now), `scratch.vfe` = Σ_π q_pi times the
 * policy's free energy, which is of the whole window; and what the next step's window begins with.
 */
export function settleBeliefs(scratch: Scratch): void {
  const { agent, qPi } = scratch
  const passing = passingOf(scratch)
  averageAt(passing, qPi, passing.past - 1, agent.beliefs)
  keepFirst(scratch, passing)
  scratch.vfe = 0
  for (let policy = 0; policy < qPi.length; policy++) scratch.vfe += qPi[policy] * passing.freeEnergy[policy]
}

/** Throws `internal` where beliefs are not by message passing. */
export function passingOf({ messagePassing }: Scratch): MessagePassing {
  if (messagePassing === null) throw new CohortError('internal', 'message passing without its scratch')
  return messagePassing
}
