// A model after its check: what compile, describe and the making of agents start from.
import type { ModelOptions } from '@cohort/contracts'
import type { ModelShape } from './layout.js'

/** A model whose every part agrees: flat, row-major in the order of its arrays, defaults filled in. */
export interface ValidModel extends ModelShape {
  /** A[m]: [outcome][state…]. */
  readonly A: readonly Float64Array[]
  /** B[f]: [next][previous…][action]. */
  readonly B: readonly Float64Array[]
  /** C[m]: [outcome], or [outcome][t] where it is `policyLen` times as long. */
  readonly C: readonly Float64Array[]
  /** D[f]: [state]. */
  readonly D: readonly Float64Array[]
  /** E: [policy]. */
  readonly E: Float64Array
  readonly options: Required<ModelOptions>
}
