// What one predicted step is worth: the terms of G, each by its formula.
import { logOf } from '../math/log-exp.js'
import { jointBelief, multiply } from '../math/tensor.js'
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
import { GAIN_EPS } from './weigh-states.js'

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
export function addNodeValue(scratch: Scratch, step: PredictedStep, terms: Float64Array): void {
  const { groupBelief, mind, wantTerms } = scratch
  const { groups, options } = mind
  const useUtility = options.useUtility || wantTerms
  const useGain = options.useStatesInfoGain || wantTerms
  for (let g = 0; g < groups.length; g++) {
    jointBelief(groups[g], step.beliefs, step.at, groupBelief[g])
    if (useUtility) terms[UTILITY] += expectedUtility(groups[g], groupBelief[g], step.t)
    if (useGain) addStatesInfoGain(scratch, g, terms)
  }
  if (options.useParamInfoGain || wantTerms) addNoveltyOfA(scratch, step, terms)
  addInductiveCost(scratch, step, terms)
}

/** Adds the information gain about B, which needs both sides of a transition; see novelty.ts. */
export function addTransitionValue(scratch: Scratch, transition: Transition, terms: Float64Array): void {
  if (scratch.mind.options.useParamInfoGain || scratch.wantTerms) addNoveltyOfB(scratch, transition, terms)
}

/** G[policy] = the sum of those terms that the model's options put in; all are kept where they are wanted. */
export function settleG(scratch: Scratch, policy: number, terms: Float64Array): void {
  scratch.G[policy] = sumOfTerms(scratch.mind, terms)
  keepTerms(scratch, policy, terms)
}

/** Of one policy, where they are wanted. */
export function keepTerms(
  { mind, terms: kept, wantTerms }: Scratch,
  policy: number,
  terms: Float64Array,
): void {
  const { policies } = mind
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
 * Σ_s q(s) Σ_m Σ_o A ln(A + e^−16) − Σ_m q(o_m) · ln q(o_m) of one group, with q(o) = Σ_s A[o][s] q(s). Takes the
 * states under the threshold out of the group's belief, for what follows as well.
 */
function addStatesInfoGain({ groupBelief, mind, qo }: Scratch, g: number, terms: Float64Array): void {
  const { ambiguity, modalities } = mind.groups[g]
  const belief = groupBelief[g]
  let gain = 0
  for (let s = 0; s < belief.length; s++) {
    if (belief[s] > GAIN_EPS) gain += belief[s] * ambiguity[s]
    else belief[s] = 0
  }
  for (let k = 0; k < modalities.length; k++) {
    const m = modalities[k]
    multiply(mind.A[m], belief, qo[m], 0)
    gain += entropy(qo[m])
  }
  terms[STATES_INFO_GAIN] += gain
}

function entropy(q: Float64Array): number {
  let sum = 0
  for (let o = 0; o < q.length; o++) sum -= q[o] * logOf(q[o])
  return sum
}
