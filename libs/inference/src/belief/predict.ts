// What an action leads to: q(s') = Σ_s B[s', s…, a] Π q(s). A step's prior, and its policies' predictions.
import type { CompiledModel } from '../model/compiled.js'
import { normaliseColumns } from '../math/columns.js'
import { type Axes, jointBelief, multiply } from '../math/tensor.js'
import type { Scratch } from '../scratch.js'

/** `scratch.prior`: the belief carried through the last action, or as it is where there was none. */
export function predictPrior(scratch: Scratch): void {
  const { agent, priors } = scratch
  if (agent.acted) carry(scratch, agent.action)
  else priors.set(agent.beliefs)
}

/** `scratch.prior`: the belief carried through a joint action. */
export function carry({ agent, mind, parentBelief, prior }: Scratch, action: number): void {
  for (let f = 0; f < prior.length; f++) {
    joinParents(mind.parents[f], agent.beliefs, mind.stateAt, parentBelief[f])
    multiply(transition(mind, action, f), parentBelief[f], prior[f], 0)
  }
}

/** B of factor f under a joint action, [next][joint previous state]. */
export const transition = ({ B, factorActions }: CompiledModel, action: number, f: number): Float64Array =>
  B[f][factorActions[action * B.length + f]]

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
    joinParents(model.parents[f], levels[depth], at[depth], parentBelief[f])
    let to = model.predictionAt[f]
    for (let a = 0; a < model.B[f].length; a++) {
      multiply(model.B[f][a], parentBelief[f], levels[depth + 1], to)
      to += model.numStates[f]
    }
  }
}

/**
 * The joint belief of a factor's parents. Normalised where they are several: each of their sums is 1 but for rounding
 * and what a column may be off, and products of them along a long policy would double that time and again.
 */
function joinParents(parents: Axes, beliefs: Float64Array, at: Int32Array, out: Float64Array): void {
  jointBelief(parents, beliefs, at, out)
  if (parents.factors.length > 1) normaliseColumns(out, out.length, out)
}
