// One step of one agent, as the paper's page reads. Called by kernel/reference.ts for each row of a slot.
import { sampleAction } from './action/sample.js'
import { inferExactly } from './belief/exact.js'
import { inferStates, takeFreeEnergy } from './belief/fixed-point.js'
import { passMessages, settleBeliefs } from './belief/message-passing.js'
import { noteImpossible } from './belief/observe.js'
import { predictPrior } from './belief/predict.js'
import { learn, learnHabits } from './learning/learn.js'
import { recall } from './learning/recall.js'
import { expectedFreeEnergy } from './policy/expected-free-energy.js'
import { followPlan, keepPlan, planIsDue } from './policy/kept-plan.js'
import { actionMarginals, policyPosterior } from './policy/posterior.js'
import { updateGamma } from './policy/precision.js'
import { searchTree } from './policy/search.js'
import { windowValue } from './policy/window-value.js'
import type { Scratch } from './scratch.js'

/**
 * `scratch.agent` sees its observation and acts: Heins et al., "pymdp: a Python library for active inference
 * in discrete state spaces", JOSS 7(73), 2022, in the order of `infer_states`, `infer_policies`,
 * `sample_action`.
 *
 *     prior    q(s_t | a_t−1)             what the last action led it to expect
 *     qs       q(s_t | o_t)               minimises the variational free energy
 *     G        −G(π), larger is better    what each policy is expected to bring and to teach
 *     q_pi     softmax(γ·G + F + ln E)    posterior over policies; F: evidence, by message passing alone
 *     action   from q_pi                  the best one, or one drawn
 *     learned  counts of A, B, D and E    what was seen and done, under what is believed
 *
 * `scratch.vfe` is the free energy of the new belief where it is wanted; else it may be an older one.
 * False where the search for a plan was larger than the model allows: the step is not done.
 */
export function step(scratch: Scratch): boolean {
  const { when } = scratch.mind.options.learning
  scratch.notes = 0
  scratch.before.set(scratch.agent.beliefs)
  scratch.lastAction = scratch.agent.action
  recall(scratch)
  perceive(scratch)
  if (when === 'beforePlanning') {
    learn(scratch)
    recall(scratch)
  }
  if (!plan(scratch)) return false
  actionMarginals(scratch)
  sampleAction(scratch)
  keepPlan(scratch)
  if (when === 'afterAction') learn(scratch)
  learnHabits(scratch)
  return true
}

/** The new belief of one that does not learn, and its free energy where it is wanted; nothing is planned. */
export function believe(scratch: Scratch): void {
  scratch.notes = 0
  scratch.lastAction = scratch.agent.action
  perceive(scratch)
}

function perceive(scratch: Scratch): void {
  switch (scratch.mind.options.inference) {
    case 'messagePassing':
      return passMessages(scratch)
    case 'exact':
      predictPrior(scratch)
      return inferExactly(scratch)
    case 'fixedPoint':
      predictPrior(scratch)
      inferStates(scratch)
      if (scratch.wantVfe) takeFreeEnergy(scratch)
      return noteImpossible(scratch)
  }
}

/** G and q_pi of every policy, or those of a plan that is still followed. False where a search was too large. */
function plan(scratch: Scratch): boolean {
  const { inference, planning, updateGamma: learnsGamma } = scratch.mind.options
  const byMessages = inference === 'messagePassing'
  if (!planIsDue(scratch)) {
    followPlan(scratch)
    return true
  }
  if (planning === 'sophisticated') {
    if (!searchTree(scratch)) return false
  } else if (byMessages) windowValue(scratch)
  else expectedFreeEnergy(scratch)
  if (learnsGamma) updateGamma(scratch)
  policyPosterior(scratch)
  if (byMessages) settleBeliefs(scratch)
  return true
}
