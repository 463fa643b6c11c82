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
export function observe({ agent, likelihood, mind }: Scratch): void {
  const { A, groups, logA } = mind
  for (let g = 0; g < groups.length; g++) {
    const L = likelihood[g]
    L.fill(0)
    for (let k = 0; k < groups[g].modalities.length; k++) {
      const m = groups[g].modalities[k]
      const seen = agent.observation[m]
      if (seen === NOT_SEEN) continue
      if (seen === SEEN_SOFTLY) {
        for (let s = 0; s < L.length; s++) L[s] += logOf(expected(A[m], agent.soft[m], s))
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
export function noteImpossible(scratch: Scratch): void {
  const { allowed, mind, priors } = scratch
  for (let i = 0; i < priors.length; i++) allowed[i] = priors[i] > CRUMB ? 1 : 0
  for (let g = 0; g < mind.groups.length; g++) {
    if (possible(scratch, g)) continue
    scratch.notes |= NOTE_IMPOSSIBLE
    return
  }
}

/** Below the logarithm of the stabiliser by rounding: a state whose L is above has no likelihood of zero. */
const LOG_EPS = -36.84

function possible(scratch: Scratch, g: number): boolean {
  const { agent, allowed, groupBelief, likelihood, mind } = scratch
  const group = mind.groups[g]
  const joint = groupBelief[g]
  jointBelief(group, allowed, mind.stateAt, joint)
  const L = likelihood[g]
  for (let s = 0; s < joint.length; s++) if (joint[s] > 0 && L[s] > LOG_EPS) return true
  for (let s = 0; s < joint.length; s++) if (joint[s] > 0 && couldShow(mind, group, agent, s)) return true
  return false
}

function couldShow(
  { A }: CompiledModel,
  { modalities, size }: CompiledGroup,
  { observation, soft }: Scratch['agent'],
  s: number,
): boolean {
  for (let k = 0; k < modalities.length; k++) {
    const m = modalities[k]
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
