// A model after its check: what compile, describe and the making of agents start from.
import type { ModelShape } from './layout.js'

/** A model whose every part agrees: flat, row-major in the order of its arrays, defaults filled in. */
export interface ValidModel extends ModelShape {
  /** A[m]: [outcome][state…]. Where it has counts, those normalised over the outcomes. */
  readonly A: readonly Float64Array[]
  /** B[f]: [next][previous…][action…]. Where it has counts, those normalised over the next states. */
  readonly B: readonly Float64Array[]
  /** C[m]: [outcome], or [outcome][t] where it is `valueSteps` times as long. */
  readonly C: readonly Float64Array[]
  /** D[f]: [state]. */
  readonly D: readonly Float64Array[]
  /** E: [policy]. */
  readonly E: Float64Array
  /** Dirichlet counts in the shape of A, B, D and E; null where there are none. */
  readonly pA: readonly (Float64Array | null)[]
  readonly pB: readonly (Float64Array | null)[]
  readonly pD: readonly (Float64Array | null)[]
  readonly pE: Float64Array | null
  /** H[f]: [state], 1 for a goal, 0 for none; null where the factor has no goal. Empty where no factor has. */
  readonly H: readonly (Float64Array | null)[]
  /** [policy][t]: joint actions, where the model lists its policies. */
  readonly listed: Uint32Array | null
}
