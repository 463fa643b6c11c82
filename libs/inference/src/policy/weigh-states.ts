// What no belief changes in the terms of G: made with a model, and anew where an agent learns A. See node-value.ts
import type { CompiledGroup, CompiledModel } from '../model/compiled.js'

/** pymdp's second stabiliser, in the state information gain alone: under its logarithm, and its threshold. */
export const GAIN_EPS = Math.exp(-16)

/** What each joint state is worth under C at each predicted step, and how clearly it shows itself. */
export function weighStates(
  { A, logC, numObs, valueSteps }: CompiledModel,
  { modalities, size, utility, ambiguity }: CompiledGroup,
): void {
  utility.fill(0)
  ambiguity.fill(0)
  for (const m of modalities) {
    for (let t = 0; t < valueSteps; t++) {
      for (let i = 0; i < A[m].length; i++)
        utility[t * size + (i % size)] += A[m][i] * logC[m][t * numObs[m] + Math.floor(i / size)]
    }
    for (let i = 0; i < A[m].length; i++) ambiguity[i % size] += A[m][i] * Math.log(A[m][i] + GAIN_EPS)
  }
}
