// Exact filtering for a model of one factor: Bayes' rule without a stabiliser, and the evidence it gives.
import { normaliseColumns } from '../math/columns.js'
import { EPS, softmax } from '../math/log-exp.js'
import type { Scratch } from '../scratch.js'
import { expected } from './observe.js'
import { NOTE_IMPOSSIBLE, NOT_SEEN, SEEN_SOFTLY } from '../slot.js'

/** The surprise of what cannot be. */
const IMPOSSIBLE_SURPRISE = -Math.log(EPS)

/**
 * From `scratch.prior` and the observation to `scratch.agent.beliefs`:
 *
 *     q(s) = prior(s) Π_m A[m][o_m][s] / Z        vfe = −ln Z, the surprise
 *
 * the forward algorithm (Rabiner, "A tutorial on hidden Markov models", Proc. IEEE 77(2), 1989, eq. 19–21),
 * normalised in every step, in logarithms so that many modalities do not underflow. Zeros of prior and A are
 * zeros of q. A modality that was seen softly, as y, gives Σ_o y[o] A[m][o][s]. Where nothing that the prior
 * allows could have shown what was seen (Z = 0), the observation is left out: the belief is the prior, and the
 * step is noted as impossible.
 */
export function inferExactly(scratch: Scratch): void {
  const { A, numObs } = scratch.mind
  const q = scratch.qs[0]
  const prior = scratch.prior[0]
  for (let s = 0; s < q.length; s++) q[s] = Math.log(prior[s])
  for (let m = 0; m < numObs.length; m++) addLogLikelihood(A[m], scratch.agent, m, q)
  const most = greatest(q)
  scratch.iterations = 1
  if (most === -Infinity) {
    // Normalised: columns of B may be off by a little, which must not add up where nothing else is ever seen.
    normaliseColumns(prior, prior.length, q)
    scratch.notes |= NOTE_IMPOSSIBLE
    scratch.vfe = IMPOSSIBLE_SURPRISE
    return
  }
  let evidence = 0
  for (let s = 0; s < q.length; s++) evidence += Math.exp(q[s] - most)
  scratch.vfe = -(most + Math.log(evidence))
  softmax(q)
}

function addLogLikelihood(
  A: Float64Array,
  { observation, soft }: Scratch['agent'],
  m: number,
  out: Float64Array,
): void {
  const seen = observation[m]
  if (seen === NOT_SEEN) return
  // A modality that depends on no factor has one column, whatever the state.
  const columns = A.length / soft[m].length
  for (let s = 0; s < out.length; s++) {
    const column = columns === 1 ? 0 : s
    const p = seen === SEEN_SOFTLY ? expected(A, soft[m], column) : A[seen * columns + column]
    out[s] += Math.log(p)
  }
}

function greatest(weights: Float64Array): number {
  let most = -Infinity
  for (let i = 0; i < weights.length; i++) most = Math.max(most, weights[i])
  return most
}
