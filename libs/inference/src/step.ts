// One step of one agent, as the paper's page reads. Called by kernel/reference.ts for each row of a slot.
import { sampleAction } from './action/sample.js'
import { inferStates } from './belief/fixed-point.js'
import { predictPrior } from './belief/predict.js'
import type { CompiledModel } from './model/compiled.js'
import { expectedFreeEnergy } from './policy/expected-free-energy.js'
import { actionMarginals, policyPosterior } from './policy/posterior.js'
import type { Scratch } from './scratch.js'

/**
 * `scratch.agent` sees its observation and acts: Heins et al., "pymdp: a Python library for active inference
 * in discrete state spaces", JOSS 7(73), 2022, in the order of `infer_states`, `infer_policies`,
 * `sample_action`.
 *
 *     prior    q(s_t | a_t−1)             what the last action led it to expect
 *     qs       q(s_t | o_t)               minimises the variational free energy
 *     G        −G(π), larger is better    expected utility and information gain of each policy
 *     q_pi     softmax(γ·G + ln E)        posterior over policies
 *     action   from q_pi                  the best one, or one drawn
 *
 * With `wantVfe`, `scratch.vfe` is the free energy of the new belief; without, it may be an older one.
 */
export function step(model: CompiledModel, scratch: Scratch, wantVfe: boolean): void {
  predictPrior(model, scratch)
  inferStates(model, scratch, wantVfe)
  expectedFreeEnergy(model, scratch)
  policyPosterior(model, scratch)
  actionMarginals(model, scratch)
  sampleAction(model, scratch)
}
