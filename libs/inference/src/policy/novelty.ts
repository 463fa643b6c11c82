// Information gain about parameters: how much the counts of A and B would tell if a predicted step were seen.
import { EPS } from '../math/log-exp.js'
import { jointBelief, multiply } from '../math/tensor.js'
import type { CompiledModel } from '../model/compiled.js'
import {
  PARAM_INFO_GAIN_A,
  PARAM_INFO_GAIN_B,
  type PredictedStep,
  type Transition,
} from './predicted-step.js'

/** Per modality in the order of A, per factor and own action in the order of B; null without counts. */
export interface Novelty {
  readonly A: readonly (Float64Array | null)[]
  readonly B: readonly (readonly Float64Array[] | null)[]
  /** [row] of the largest matrix. */
  readonly row: Float64Array
}

export function makeNovelty(model: CompiledModel): Novelty {
  const { numStates, numObs, pA, pB, B } = model
  const novelty = {
    A: pA.map((counts) => (counts === null ? null : new Float64Array(counts.length))),
    B: pB.map((counts, f) => (counts === null ? null : B[f].map(({ length }) => new Float64Array(length)))),
    row: new Float64Array(Math.max(...numStates, ...numObs)),
  }
  weighNovelty(model, novelty)
  return novelty
}

/**
 * w = ½ (1/Σp − 1/p) of each count p in its column, 0 where p is 0: Da Costa et al., "Active inference on
 * discrete state-spaces: a synthesis", J. Math. Psychol. 99, 2020, appendix; SPM's `spm_wnorm`. With
 * `matchPymdp` without the ½, as its `spm_wnorm`. Both add 1e-16 to each p.
 */
export function weighNovelty({ pA, pB, numObs, numStates, options }: CompiledModel, { A, B }: Novelty): void {
  const half = options.matchPymdp ? 1 : 0.5
  for (let m = 0; m < A.length; m++) {
    const out = A[m]
    const counts = pA[m]
    if (out !== null && counts !== null) weigh(counts, numObs[m], half, out)
  }
  for (let f = 0; f < B.length; f++) {
    const byAction = B[f]
    const counts = pB[f]
    if (byAction === null || counts === null) continue
    for (let a = 0; a < counts.length; a++) weigh(counts[a], numStates[f], half, byAction[a])
  }
}

/** What of a scratch it is reckoned from and with. */
interface Room {
  readonly mind: CompiledModel
  readonly novelty: Novelty
  readonly groupBelief: readonly Float64Array[]
  readonly parentBelief: readonly Float64Array[]
  readonly qo: readonly Float64Array[]
}

/** −Σ_m Σ_o q(o_m) Σ_s w[o][s] q(s), over the modalities that have counts. */
export function addNoveltyOfA(
  { mind, groupBelief, novelty, qo }: Room,
  { beliefs, at }: PredictedStep,
  terms: Float64Array,
): void {
  const { groups, A, aAxes } = mind
  for (let g = 0; g < groups.length; g++) {
    const belief = groupBelief[g]
    let made = false
    for (const m of groups[g].modalities) {
      const w = novelty.A[m]
      if (w === null) continue
      // Anew: the gain about states has taken the improbable ones out.
      if (!made) jointBelief(aAxes[m], beliefs, at, belief)
      made = true
      multiply(A[m], belief, qo[m], 0)
      multiply(w, belief, novelty.row, 0)
      terms[PARAM_INFO_GAIN_A] -= weighted(novelty.row, qo[m], 0, qo[m].length)
    }
  }
}

/** −Σ_f Σ_s′ q(s′) Σ_s w[s′][s…][a] Π q(s), over the factors that have counts. */
export function addNoveltyOfB(
  { mind, novelty, parentBelief }: Room,
  { beliefs, at, from, fromAt, action }: Transition,
  terms: Float64Array,
): void {
  const { parents, factorActions, numStates } = mind
  for (let f = 0; f < parents.length; f++) {
    const w = novelty.B[f]
    if (w === null) continue
    jointBelief(parents[f], from, fromAt, parentBelief[f])
    const own = factorActions[action * parents.length + f]
    multiply(w[own], parentBelief[f], novelty.row, 0)
    terms[PARAM_INFO_GAIN_B] -= weighted(novelty.row, beliefs, at[f], numStates[f])
  }
}

/** Σ_i values[i] · weights[from + i], over `count` of them. */
function weighted(values: Float64Array, weights: Float64Array, from: number, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += weights[from + i] * values[i]
  return sum
}

/** Columns over the first axis, of `rows` entries. */
function weigh(counts: Float64Array, rows: number, half: number, out: Float64Array): void {
  const columns = counts.length / rows
  for (let column = 0; column < columns; column++) {
    let sum = 0
    for (let i = column; i < counts.length; i += columns) sum += counts[i] + EPS
    for (let i = column; i < counts.length; i += columns)
      out[i] = counts[i] === 0 ? 0 : half * (1 / sum - 1 / (counts[i] + EPS))
  }
}
