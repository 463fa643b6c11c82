// G of every policy: what it is expected to bring (utility) and to teach (information about states).
import { predictChildren } from '../belief/predict.js'
import { logOf } from '../math/log-exp.js'
import { jointBelief, multiply } from '../math/tensor.js'
import { GAIN_EPS } from '../model/compile.js'
import type { CompiledGroup, CompiledModel } from '../model/compiled.js'
import type { Scratch } from '../scratch.js'

/**
 * `scratch.G[policy]`, the negative expected free energy, summed over predicted steps t and modalities m:
 *
 *     utility            q(o_m) · ln softmax(C[m])                        q(o) = Σ_s A[m][o, s] q(s)
 *     state info gain    Σ_s q(s) Σ_o A ln(A + e^−16) − q(o) · ln q(o)    joint states with q(s) > e^−16
 *
 * pymdp's `calc_expected_utility` and `calc_states_info_gain` (its two stabilisers and its threshold are
 * theirs). The tree is walked depth first, so policies that begin alike share their predictions and need one
 * level of memory each.
 */
export function expectedFreeEnergy(model: CompiledModel, scratch: Scratch): void {
  const { nodeDepth, nodeAction, policyLen, options } = model
  const { G, terms, utilityTo, gainTo } = scratch
  let policy = 0
  predictChildren(model, scratch, 0)
  for (let node = 0; node < nodeDepth.length; node++) {
    const depth = nodeDepth[node]
    enter(model, scratch.at[depth], nodeAction[node])
    evaluate(model, scratch, depth)
    if (depth < policyLen) {
      predictChildren(model, scratch, depth)
      continue
    }
    G[policy] = (options.useUtility ? utilityTo[depth] : 0) + (options.useStatesInfoGain ? gainTo[depth] : 0)
    if (terms !== null) {
      terms.utility[policy] = utilityTo[depth]
      terms.statesInfoGain[policy] = gainTo[depth]
    }
    policy++
  }
}

/** Points at the predictions that a joint action leads to. */
function enter(
  { predictionAt, jointActions, numStates }: CompiledModel,
  at: Int32Array,
  action: number,
): void {
  for (let f = 0; f < at.length; f++)
    at[f] = predictionAt[f] + jointActions[action * at.length + f] * numStates[f]
}

/** Adds what the node at `depth` is worth to what its parent's path was. */
function evaluate({ groups, A, options }: CompiledModel, scratch: Scratch, depth: number): void {
  const { groupBelief, levels, at, terms, utilityTo, gainTo } = scratch
  let utility = utilityTo[depth - 1]
  let gain = gainTo[depth - 1]
  for (let g = 0; g < groups.length; g++) {
    const group = groups[g]
    const belief = groupBelief[g]
    jointBelief(group, levels[depth], at[depth], belief)
    if (options.useUtility || terms !== null) utility += expectedUtility(group, belief, depth)
    if (!options.useStatesInfoGain && terms === null) continue
    gain += negativeAmbiguity(group, belief)
    for (const m of group.modalities) gain += outcomeEntropy(A[m], belief, scratch.qo[m])
  }
  utilityTo[depth] = utility
  gainTo[depth] = gain
}

/** Σ_m q(o_m) · ln softmax(C[m][:, t]), taken over states: Σ_s q(s) (Aᵀ ln softmax(C))[s]. */
function expectedUtility({ utility }: CompiledGroup, belief: Float64Array, depth: number): number {
  const from = (depth - 1) * belief.length
  let sum = 0
  for (let s = 0; s < belief.length; s++) sum += belief[s] * utility[from + s]
  return sum
}

/**
 * Σ_s q(s) Σ_m Σ_o A ln(A + e^−16). Takes the states under the threshold out of `belief`, for what follows as
 * well.
 */
function negativeAmbiguity({ ambiguity }: CompiledGroup, belief: Float64Array): number {
  let sum = 0
  for (let s = 0; s < belief.length; s++) {
    if (belief[s] > GAIN_EPS) sum += belief[s] * ambiguity[s]
    else belief[s] = 0
  }
  return sum
}

/** −q(o) · ln q(o), with q(o) = Σ_s A[o][s] q(s). */
function outcomeEntropy(A: Float64Array, belief: Float64Array, qo: Float64Array): number {
  multiply(A, belief, qo, 0)
  let sum = 0
  for (let o = 0; o < qo.length; o++) sum -= qo[o] * logOf(qo[o])
  return sum
}
