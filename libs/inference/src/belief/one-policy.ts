// Message passing of one policy as a pure function, for whoever compares its messages with another's.
import { CohortError } from '@cohort/contracts'
import type { CompiledModel } from '../model/compiled.js'
import { encodeAction } from '../model/policies.js'
import { entriesOf, rowSections } from '../row/layout.js'
import { inferPolicy } from './infer-policy.js'
import { makeMessagePassing } from './message-scratch.js'

/** What a policy looks back on, the oldest first. */
export interface Past {
  /** `observations[time][modality]`, at least one and at most `options.window` of them; `NOT_SEEN`: nothing. */
  readonly observations: readonly (readonly number[])[]
  /** `actions[time][control]`: those between the observations. */
  readonly actions: readonly (readonly number[])[]
  /** `prior[factor][state]` of the first time, before its observation. */
  readonly prior: readonly (readonly number[])[]
}

export interface PolicyBeliefs {
  /** `qs[time][factor][state]`: of each observation, then of each step of the policy. */
  readonly qs: readonly (readonly (readonly number[])[])[]
  /** The free energy that is taken off the policy's log posterior: with `matchPymdp` pymdp's. */
  readonly F: number
}

/** Throws `internal` where beliefs of the model are not by message passing, or the past does not fit the window. */
export function beliefsOfPolicy(
  model: CompiledModel,
  policy: number,
  { observations, actions, prior }: Past,
): PolicyBeliefs {
  const entries = rowSections(model).reduce((sum, section) => sum + entriesOf(section), 0)
  const passing = makeMessagePassing(model, new Float64Array(entries))
  const past = observations.length
  if (passing === null) throw new CohortError('internal', 'the model’s beliefs are not by message passing')
  if (past < 1 || past > model.options.window || actions.length !== past - 1) {
    const got = `${past} observations and ${actions.length} actions`
    throw new CohortError('internal', `a window of ${model.options.window} cannot hold ${got}`)
  }
  passing.length[0] = past
  passing.observations.set(observations.flat())
  passing.actions.set(actions.map((action) => encodeAction(model.numControls, action)))
  passing.prior.set(prior.flat())
  inferPolicy(model, passing, policy)
  const qs = passing.at
    .slice(0, passing.times)
    .map((at) => model.numStates.map((states, f) => [...passing.q.subarray(at[f], at[f] + states)]))
  return { qs, F: passing.F[policy] }
}
