// What was seen as log likelihoods of joint states, and whether the model holds it for possible at all.
import { logOf } from '../math/log-exp.js'
import { jointBelief } from '../math/tensor.js'
import type { CompiledGroup, CompiledModel } from '../model/compiled.js'
import type { Scratch } from '../scratch.js'
import { NOTE_IMPOSSIBLE, NOT_SEEN, SEEN_SOFTLY } from '../slot.js'

/**
 * `scratch.likelihood[g][s…]` = Σ_m ln A[m][o_m][s…] over the modalities of each group. One that was not seen
 * says nothing; one that was seen softly, as a distribution y over outcomes, says ln Σ_o y[o] A[m][o][s…]
 * (pymdp's `get_joint_likelihood`). Every ln is ln(x + 1e-16).
 */
export function observe(model: CompiledModel, { agent, likelihood }: Scratch): void {
  const { groups, logA } = model
  for (let g = 0; g < groups.length; g++) {
    const L = likelihood[g]
    L.fill(0)
    for (const m of groups[g].modalities) {
      const seen = agent.observation[m]
      if (seen === NOT_SEEN) continue
      if (seen === SEEN_SOFTLY) {
        for (let s = 0; s < L.length; s++) L[s] += logOf(expected(model.A[m], agent.soft[m], s))
        continue
      }
      const from = seen * L.length
      for (let s = 0; s < L.length; s++) L[s] += logA[m][from + s]
    }
  }
}

/** A belief up to this is none: the stabiliser leaves about as much of a state that an observation has refuted. */
const CRUMB = 1e-12

/**
 * Sets `NOTE_IMPOSSIBLE` where, in some group, no joint state that `scratch.prior` allows could have shown
 * what was seen. The stabiliser under every logarithm then decides the belief, as in pymdp.
 */
export function noteImpossible(model: CompiledModel, scratch: Scratch): void {
  const { groups } = model
  const { allowed, priors } = scratch
  for (let i = 0; i < priors.length; i++) allowed[i] = priors[i] > CRUMB ? 1 : 0
  for (let g = 0; g < groups.length; g++) {
    if (possible(model, scratch, g)) continue
    scratch.notes |= NOTE_IMPOSSIBLE
    return
  }
}

/** Below the logarithm of the stabiliser by rounding: a state whose L is above has no likelihood of zero. */
const LOG_EPS = -36.84

function possible(model: CompiledModel, scratch: Scratch, g: number): boolean {
  const { agent, allowed, groupBelief, likelihood } = scratch
  const joint = groupBelief[g]
  jointBelief(model.groups[g], allowed, model.stateAt, joint)
  const L = likelihood[g]
  for (let s = 0; s < joint.length; s++) if (joint[s] > 0 && L[s] > LOG_EPS) return true
  for (let s = 0; s < joint.length; s++)
    if (joint[s] > 0 && couldShow(model, model.groups[g], agent, s)) return true
  return false
}

function couldShow(
  { A }: CompiledModel,
  { modalities, size }: CompiledGroup,
  { observation, soft }: Scratch['agent'],
  s: number,
): boolean {
  for (const m of modalities) {
    const seen = observation[m]
    if (seen === NOT_SEEN) continue
    const p = seen === SEEN_SOFTLY ? expected(A[m], soft[m], s) : A[m][seen * size + s]
    if (p === 0) return false
  }
  return true
}

/** Σ_o y[o] A[o][s]: the probability of what was seen softly. */
export function expected(A: Float64Array, y: Float64Array, s: number): number {
  const size = A.length / y.length
  let sum = 0
  for (let o = 0; o < y.length; o++) sum += y[o] * A[o * size + s]
  return sum
}
