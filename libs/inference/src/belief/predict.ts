// What an action leads to: q(s') = Σ_s B[s', s…, a] Π q(s). A step's prior, and its policies' predictions.
import type { CompiledModel } from '../model/compiled.js'
import { jointBelief, multiply } from '../math/tensor.js'
import type { Scratch } from '../scratch.js'

/** `scratch.prior`: the belief carried through the last action, or as it is where there was none. */
export function predictPrior(model: CompiledModel, scratch: Scratch): void {
  const { agent, prior, qs, parentBelief } = scratch
  const actions = agent.action * qs.length
  for (let f = 0; f < prior.length; f++) {
    if (!agent.acted) {
      prior[f].set(qs[f])
      continue
    }
    jointBelief(model.parents[f], agent.beliefs, model.stateAt, parentBelief[f])
    multiply(model.B[f][model.factorActions[actions + f]], parentBelief[f], prior[f], 0)
  }
}

/**
 * Fills level `depth + 1` with every factor's next belief under each of its actions, from the node at
 * `depth`.
 */
export function predictChildren(
  model: CompiledModel,
  { levels, at, parentBelief }: Pick<Scratch, 'levels' | 'at' | 'parentBelief'>,
  depth: number,
): void {
  for (let f = 0; f < model.parents.length; f++) {
    jointBelief(model.parents[f], levels[depth], at[depth], parentBelief[f])
    let to = model.predictionAt[f]
    for (const B of model.B[f]) {
      multiply(B, parentBelief[f], levels[depth + 1], to)
      to += model.numStates[f]
    }
  }
}
