// Marginal message passing over a window (MMP): what each policy says about the past, and what it is worth.
import { CohortError } from '@cohort/contracts'
import { aimAtGoals } from '../policy/inductive.js'
import { addNodeValue, addTransitionValue, settleG } from '../policy/node-value.js'
import type { Scratch } from '../scratch.js'
import type { MessagePassing } from './message-scratch.js'
import { enterPolicy, inferPolicy } from './infer-policy.js'
import { noteImpossible, observe } from './observe.js'
import { predictPrior } from './predict.js'
import { averageAt, keepFirst, takeIn } from './window.js'

/**
 * Each policy's beliefs about the last `window` observations and its own future, see infer-policy.ts, and from them:
 *
 *     scratch.evidence   −F, see window-free-energy.ts; with `matchPymdp` −F of pymdp, whose sign is wrong
 *     scratch.G          over policyLen + 1 times: the present one counts too (column 0 of C), as in SPM and pymdp
 *
 * What the agent itself believes is known once q_pi is: `settleBeliefs` must follow `policyPosterior`.
 */
export function passMessages(scratch: Scratch): void {
  const { evidence, mind } = scratch
  const passing = passingOf(scratch)
  takeIn(scratch, passing)
  predictPrior(mind, scratch)
  observe(mind, scratch)
  noteImpossible(mind, scratch)
  for (let policy = 0; policy < mind.policies; policy++) {
    inferPolicy(mind, passing, policy)
    evidence[policy] = -passing.F[policy]
  }
  if (passing.aims) aim(scratch, passing)
  for (let policy = 0; policy < mind.policies; policy++) valuePolicy(scratch, passing, policy)
  scratch.iterations = mind.options.numIter
}

/**
 * The Bayesian model average: `scratch.agent.beliefs` = Σ_π q_pi q_π(s_now), `scratch.vfe` = Σ_π q_pi times the
 * policy's free energy, which is of the whole window; and what the next step's window begins with.
 */
export function settleBeliefs(scratch: Scratch): void {
  const { agent, qPi } = scratch
  const passing = passingOf(scratch)
  averageAt(scratch, passing, passing.past - 1, agent.beliefs)
  keepFirst(scratch, passing)
  scratch.vfe = 0
  for (let policy = 0; policy < qPi.length; policy++) scratch.vfe += qPi[policy] * passing.freeEnergy[policy]
}

function passingOf({ messagePassing }: Scratch): MessagePassing {
  if (messagePassing === null) throw new CohortError('internal', 'message passing without its scratch')
  return messagePassing
}

/** Goals are sought from where the policies believe to be, each by its prior: q_pi comes from G, which needs this. */
function aim(scratch: Scratch, passing: MessagePassing): void {
  const { agent, mind, qPi } = scratch
  for (let policy = 0; policy < qPi.length; policy++) qPi[policy] = Math.exp(mind.logE[policy])
  averageAt(scratch, passing, passing.past - 1, agent.beliefs)
  aimAtGoals(mind, scratch)
}

function valuePolicy(scratch: Scratch, passing: MessagePassing, policy: number): void {
  const { mind } = scratch
  const { at, jointAction, node, terms } = passing
  enterPolicy(mind, passing, policy)
  const now = passing.past - 1
  terms.fill(0)
  for (let t = 0; t <= mind.policyLen; t++) {
    node.t = t
    node.at = at[now + t]
    addNodeValue(mind, scratch, node, terms)
    if (t === 0) continue
    node.fromAt = at[now + t - 1]
    node.action = jointAction[now + t - 1]
    addTransitionValue(mind, scratch, node, terms)
  }
  settleG(mind, scratch, policy, terms)
}
