// What one predicted step is worth: the terms of G, each by its formula.
import { logOf } from '../math/log-exp.js'
import { jointBelief, multiply } from '../math/tensor.js'
import { GAIN_EPS } from '../model/compile.js'
import type { CompiledGroup, CompiledModel } from '../model/compiled.js'
import type { Scratch } from '../scratch.js'
import { addInductiveCost } from './inductive.js'
import { addNoveltyOfA, addNoveltyOfB } from './novelty.js'
import {
  INDUCTIVE,
  PARAM_INFO_GAIN_A,
  PARAM_INFO_GAIN_B,
  type PredictedStep,
  STATES_INFO_GAIN,
  type Transition,
  UTILITY,
} from './predicted-step.js'

/**
 * Adds to `terms`, for a predicted step t, over modalities m:
 *
 *     utility            q(o_m) · ln softmax(C[m])                        q(o) = Σ_s A[m][o, s] q(s)
 *     state info gain    Σ_s q(s) Σ_o A ln(A + e^−16) − q(o) · ln q(o)    joint states with q(s) > e^−16
 *
 * pymdp's `calc_expected_utility` and `calc_states_info_gain` (its two stabilisers and its threshold are
 * theirs); the information gain about A, see novelty.ts; the cost of leaving the way to a goal, see
 * inductive.ts. A term that is neither in G nor wanted is not made.
 */
export function addNodeValue(
  model: CompiledModel,
  scratch: Scratch,
  step: PredictedStep,
  terms: Float64Array,
): void {
  const { groups, A, options } = model
  const { groupBelief, wantTerms, qo } = scratch
  const useUtility = options.useUtility || wantTerms
  const useGain = options.useStatesInfoGain || wantTerms
  for (let g = 0; g < groups.length; g++) {
    const group = groups[g]
    const belief = groupBelief[g]
    jointBelief(group, step.beliefs, step.at, belief)
    if (useUtility) terms[UTILITY] += expectedUtility(group, belief, step.t)
    if (!useGain) continue
    let gain = negativeAmbiguity(group, belief)
    for (const m of group.modalities) gain += outcomeEntropy(A[m], belief, qo[m])
    terms[STATES_INFO_GAIN] += gain
  }
  if (options.useParamInfoGain || wantTerms) addNoveltyOfA(model, scratch, step, terms)
  addInductiveCost(model, scratch, step, terms)
}

/** Adds the information gain about B, which needs both sides of a transition; see novelty.ts. */
export function addTransitionValue(
  model: CompiledModel,
  scratch: Scratch,
  transition: Transition,
  terms: Float64Array,
): void {
  if (model.options.useParamInfoGain || scratch.wantTerms) addNoveltyOfB(model, scratch, transition, terms)
}

/** G[policy] = the sum of those terms that the model's options put in; all are kept where they are wanted. */
export function settleG(model: CompiledModel, scratch: Scratch, policy: number, terms: Float64Array): void {
  scratch.G[policy] = sumOfTerms(model, terms)
  keepTerms(model, scratch, policy, terms)
}

/** Of one policy, where they are wanted. */
export function keepTerms(
  { policies }: CompiledModel,
  { terms: kept, wantTerms }: Scratch,
  policy: number,
  terms: Float64Array,
): void {
  if (!wantTerms) return
  for (let term = 0; term < terms.length; term++) kept[term * policies + policy] = terms[term]
}

/** Of those terms that the model's options put into G. */
export function sumOfTerms({ options }: CompiledModel, terms: Float64Array): number {
  let sum = 0
  if (options.useUtility) sum += terms[UTILITY]
  if (options.useStatesInfoGain) sum += terms[STATES_INFO_GAIN]
  if (options.useParamInfoGain) sum += terms[PARAM_INFO_GAIN_A] + terms[PARAM_INFO_GAIN_B]
  return sum + terms[INDUCTIVE]
}

/** Σ_m q(o_m) · ln softmax(C[m][:, t]), taken over states: Σ_s q(s) (Aᵀ ln softmax(C))[s]. */
function expectedUtility({ utility }: CompiledGroup, belief: Float64Array, t: number): number {
  const from = t * belief.length
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
