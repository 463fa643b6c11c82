// From the counts in an agent's row to the matrices that its step uses.
import { normaliseColumns } from '../math/columns.js'
import { logOf } from '../math/log-exp.js'
import type { CompiledModel } from '../model/compiled.js'
import { fillReach } from '../model/reach.js'
import { weighNovelty } from '../policy/novelty.js'
import { weighStates } from '../policy/weigh-states.js'
import type { Scratch } from '../scratch.js'

/** A = pA / Σ_o pA, B = pB / Σ_s′ pB, E = pE / Σ pE, of what is learned, and all that is made from them. */
export function recall({ learner, novelty, wantTerms }: Scratch): void {
  if (learner === null) return
  const { mind, groups, seeking } = learner
  const { A, B, E } = mind.options.learning
  // By index: `for of` leaves an iterator to the garbage collector until the compiler has come to it.
  if (A !== undefined) for (let i = 0; i < A.only.length; i++) recallLikelihood(mind, A.only[i])
  for (let g = 0; g < groups.length; g++) weighStates(mind, groups[g])
  if (B !== undefined) for (let i = 0; i < B.only.length; i++) recallTransitions(mind, B.only[i])
  for (let i = 0; i < seeking.length; i++) fillReach(mind, seeking[i].factor, seeking[i].actions)
  if (E !== undefined) recallHabits(mind)
  if (mind.options.useParamInfoGain || wantTerms) weighNovelty(mind, novelty)
}

function recallLikelihood({ pA, A, logA, numObs }: CompiledModel, m: number): void {
  const counts = pA[m]
  if (counts === null) return
  normaliseColumns(counts, numObs[m], A[m])
  for (let i = 0; i < counts.length; i++) logA[m][i] = logOf(A[m][i])
}

function recallTransitions({ pB, B, numStates }: CompiledModel, f: number): void {
  const counts = pB[f]
  if (counts === null) return
  for (let a = 0; a < counts.length; a++) normaliseColumns(counts[a], numStates[f], B[f][a])
}

function recallHabits({ pE, logE }: CompiledModel): void {
  if (pE === null) return
  normaliseColumns(pE, pE.length, logE)
  for (let policy = 0; policy < logE.length; policy++) logE[policy] = logOf(logE[policy])
}
