// What an agent of either side holds for true at one moment, as nested arrays, and which depends on which.
import type { Model } from '@cohort/contracts'
import { type Nested, lengthOf } from './tensor.js'

export interface Knowledge {
  readonly A: readonly Nested[]
  readonly B: readonly Nested[]
  /** null where nothing is counted. */
  readonly pA: readonly Nested[] | null
  readonly pB: readonly Nested[] | null
  readonly D: readonly (readonly number[])[]
  readonly C: readonly Nested[]
  readonly E: readonly number[] | null
  readonly H: readonly (readonly number[])[] | null
  /** Of modalities and factors: their parents; of factors: their controls. */
  readonly aParents: readonly (readonly number[])[]
  readonly bParents: readonly (readonly number[])[]
  readonly bControls: readonly (readonly number[])[]
  readonly states: readonly number[]
}

export function knowledgeOf(model: Model): Knowledge {
  const { A, B, C, D, E, H, pA, pB } = model
  const factors = B.map((_, f) => f)
  const own = factors.map((f) => [f])
  return {
    A: A as Nested[],
    B: B as Nested[],
    pA: (pA ?? null) as Nested[] | null,
    pB: (pB ?? null) as Nested[] | null,
    C: C as Nested[],
    D: D as number[][],
    E: E ?? null,
    H: (H ?? null) as number[][] | null,
    aParents: model.A_dependencies ?? A.map(() => factors),
    bParents: model.B_dependencies ?? own,
    bControls: model.B_action_dependencies ?? own,
    states: B.map((own) => lengthOf(own as Nested)),
  }
}
