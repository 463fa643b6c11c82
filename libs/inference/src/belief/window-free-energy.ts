// How well the beliefs of one policy explain the window: their free energy, and what pymdp takes for it.
import { logOf } from '../math/log-exp.js'
import { jointBelief } from '../math/tensor.js'
import type { CompiledGroup, CompiledModel } from '../model/compiled.js'
import { NOT_SEEN } from '../slot.js'
import type { MessagePassing } from './message-scratch.js'
import { comeFrom } from './messages.js'

/**
 * `passing.freeEnergy[policy]`: the variational free energy of the observations in the window, in nats, smaller is
 * better:
 *
 *     Σ_t [ Σ_f q_tf · (ln q_tf − ln B[f][a_t−1] Π q_t−1) − Σ_m Σ_s ln A[m][o_t, s…] Π q_t ]
 *
 * over the times of the window, at the first with `prior` in B's place: the free energy of fixed-point.ts, time
 * after time. For one factor and beliefs that look only back it is the surprise of all that was seen, −ln p(o).
 * Policies share what was done, so they differ in it only by what their futures say about the present.
 */
export function freeEnergyOfWindow(model: CompiledModel, passing: MessagePassing, policy: number): void {
  const { groups, numStates } = model
  const { at, freeEnergy, fromPast, past, q } = passing
  let sum = 0
  for (let t = 0; t < past; t++) {
    for (let f = 0; f < numStates.length; f++) {
      comeFrom(model, passing, t, f)
      for (let s = 0; s < numStates[f]; s++) {
        const belief = q[at[t][f] + s]
        sum += belief * (logOf(belief) - fromPast[s])
      }
    }
    for (let g = 0; g < groups.length; g++) {
      takeLikelihood(model, passing, groups[g], t)
      sum -= passing.likelihood
    }
  }
  freeEnergy[policy] = sum
}

/** `likelihood` = Σ_m Σ_s ln A[m][o_t, s…] Π q_t, over the modalities of one group. */
function takeLikelihood(
  { logA, numObs }: CompiledModel,
  passing: MessagePassing,
  group: CompiledGroup,
  t: number,
): void {
  const { at, observations, q, tensor: joint } = passing
  jointBelief(group, q, at[t], joint)
  let sum = 0
  for (let k = 0; k < group.modalities.length; k++) {
    const m = group.modalities[k]
    const seen = observations[t * numObs.length + m]
    if (seen === NOT_SEEN) continue
    const from = seen * group.size
    for (let s = 0; s < group.size; s++) sum += joint[s] * logA[m][from + s]
  }
  passing.likelihood = sum
}

/**
 * What factor f at time t adds to pymdp's F with gradient descent: ½ q · (ε − (n−1)/n lnA) of n factors, at the
 * first and the last time ½ q · ε. It is a *negative* free energy, about half of one, yet pymdp takes it off the
 * log posterior as if it were a free energy; SPM adds it.
 */
export function addErrors(
  { numStates, stateAt }: CompiledModel,
  passing: MessagePassing,
  t: number,
  f: number,
): void {
  const { error, fromSeen, here, times } = passing
  const shared = t === 0 || t === times - 1 ? 0 : (numStates.length - 1) / numStates.length
  let sum = 0
  for (let s = 0; s < numStates[f]; s++) sum += here[stateAt[f] + s] * (error[s] - shared * fromSeen[s])
  passing.added += 0.5 * sum
}

/**
 * What time t adds to pymdp's F without gradient descent: Σ_f q · (ln q − prior) − Σ_s ln(Σ_m A[m][o_t]) Π q, with
 * two slips: the window's prior without its logarithm, at every time; and the logarithm of a sum over modalities.
 * The sum is over those that depend on the same factors; pymdp's is over all, also of other factors, so its number
 * is matched where all modalities depend on the same ones.
 */
export function addSlipped(model: CompiledModel, passing: MessagePassing, t: number): void {
  const { groups } = model
  const { here, past, prior } = passing
  let sum = 0
  for (let i = 0; i < here.length; i++) sum += here[i] * (logOf(here[i]) - prior[i])
  for (let g = 0; g < groups.length && t < past; g++) {
    takeSlippedLikelihood(model, passing, groups[g], t)
    sum -= passing.likelihood
  }
  passing.added = sum
}

function takeSlippedLikelihood(
  { numObs, stateAt }: CompiledModel,
  passing: MessagePassing,
  group: CompiledGroup,
  t: number,
): void {
  const { here, observations, rows, tensor: joint } = passing
  jointBelief(group, here, stateAt, joint)
  let sum = 0
  for (let s = 0; s < group.size; s++) {
    let p = 0
    let seenAny = false
    for (let k = 0; k < group.modalities.length; k++) {
      const m = group.modalities[k]
      const seen = observations[t * numObs.length + m]
      if (seen === NOT_SEEN) continue
      seenAny = true
      p += rows[m][seen][s]
    }
    if (seenAny) sum += joint[s] * logOf(p)
  }
  passing.likelihood = sum
}
