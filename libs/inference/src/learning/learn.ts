// What a step teaches: counts of what was seen, of what led where, of how it began, of what was planned.
import { jointBelief } from '../math/tensor.js'
import type { Learned } from '../model/options.js'
import type { Scratch } from '../scratch.js'
import { NOTE_PLAN_KEPT, NOT_SEEN, SEEN_SOFTLY } from '../slot.js'

/**
 * Dirichlet counts of A, B and D (pymdp's `update_A`, `update_B`, `update_D`):
 *
 *     pA[m][o_m][s…]   += rate · Π q(s)                  o_m seen softly: each outcome by its share
 *     pB[f][s′][s…][a] += rate · q(s′) Π q_before(s)     a: the last action; not in an agent's first step
 *     pD[f][s]         += rate · q(s)                    in the first step alone
 *
 * A count of 0 stays 0: what the model holds impossible is not learned to be possible. Before that, a share
 * `forgetting` of what was learned of A, B and E is lost: p ← p₀ + (1 − forgetting)(p − p₀), p₀ the model's own
 * counts, so that what is never seen again returns to where it began and no column dies out.
 */
export function learn(scratch: Scratch): void {
  const { learner, agent } = scratch
  if (learner === null) return
  const { A, B, D } = learner.mind.options.learning
  if (A !== undefined) for (let i = 0; i < A.only.length; i++) learnLikelihood(scratch, A.only[i], A)
  if (B !== undefined && agent.acted)
    for (let i = 0; i < B.only.length; i++) learnTransitions(scratch, B.only[i], B)
  if (D !== undefined && agent.step === 0)
    for (let i = 0; i < D.only.length; i++) learnBeginning(scratch, D.only[i], D)
}

/** Counts of E: pE[π] += rate · q_pi[π], in every step that makes a plan (SPM's `e`). */
export function learnHabits({ learner, qPi, notes }: Scratch): void {
  if (learner === null) return
  const { pE, options } = learner.mind
  const { E } = options.learning
  if (pE === null || E === undefined || (notes & NOTE_PLAN_KEPT) !== 0) return
  forget(pE, learner.initial.pE, E.forgetting)
  for (let policy = 0; policy < pE.length; policy++) if (pE[policy] > 0) pE[policy] += E.rate * qPi[policy]
}

function learnLikelihood(
  { learner, agent, groupBeliefOf }: Scratch,
  m: number,
  { rate, forgetting }: Learned,
): void {
  if (learner === null) return
  const counts = learner.mind.pA[m]
  const seen = agent.observation[m]
  if (counts === null) return
  forget(counts, learner.initial.pA[m], forgetting)
  if (seen === NOT_SEEN) return
  const { aAxes, numObs, stateAt } = learner.mind
  const belief = groupBeliefOf[m]
  jointBelief(aAxes[m], agent.beliefs, stateAt, belief)
  for (let o = 0; o < numObs[m]; o++) {
    const share = seen === SEEN_SOFTLY ? agent.soft[m][o] : o === seen ? 1 : 0
    if (share > 0) addWhereCounted(counts, o * belief.length, belief, rate * share)
  }
}

function learnTransitions(scratch: Scratch, f: number, { rate, forgetting }: Learned): void {
  const { learner, before, qs, lastAction, parentBelief } = scratch
  if (learner === null) return
  const { parents, stateAt, factorActions, pB } = learner.mind
  const counts = pB[f]
  const initial = learner.initial.pB[f]
  if (counts === null) return
  for (let a = 0; a < counts.length; a++) forget(counts[a], initial === null ? null : initial[a], forgetting)
  jointBelief(parents[f], before, stateAt, parentBelief[f])
  const done = counts[factorActions[lastAction * parents.length + f]]
  for (let next = 0; next < qs[f].length; next++)
    addWhereCounted(done, next * parents[f].size, parentBelief[f], rate * qs[f][next])
}

function learnBeginning({ learner, qs }: Scratch, f: number, { rate }: Pick<Learned, 'rate'>): void {
  const counts = learner?.mind.pD[f] ?? null
  if (counts !== null) addWhereCounted(counts, 0, qs[f], rate)
}

/** counts[from + i] += weight · x[i], where there is a count. */
function addWhereCounted(counts: Float64Array, from: number, x: Float64Array, weight: number): void {
  for (let i = 0; i < x.length; i++) if (counts[from + i] > 0) counts[from + i] += weight * x[i]
}

function forget(counts: Float64Array, initial: Float64Array | null, share: number): void {
  if (share === 0 || initial === null) return
  for (let i = 0; i < counts.length; i++) counts[i] = initial[i] + (1 - share) * (counts[i] - initial[i])
}
