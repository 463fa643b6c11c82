// What an agent holds for true: its matrices and counts as nested arrays, in the shapes that a model has over HTTP.
import type { Tensor } from '@cohort/contracts'
import type { CompiledModel } from '@cohort/inference'

export interface Knowledge {
  readonly A: readonly Tensor[]
  readonly B: readonly Tensor[]
  readonly D: readonly Tensor[]
  /** Dirichlet counts; null where there are none. */
  readonly pA: readonly (Tensor | null)[]
  readonly pB: readonly (Tensor | null)[]
  readonly pD: readonly (Tensor | null)[]
  readonly pE: Tensor | null
}

/** `D`: the initial beliefs of factors without counts. */
export function knowledgeOf(mind: CompiledModel, D: readonly Float64Array[]): Knowledge {
  const { numStates, numObs, numControls, aDependencies, bDependencies, bControls } = mind
  const statesOf = (factors: readonly number[]) => factors.map((f) => numStates[f] ?? 0)
  const ofA = (flat: ArrayLike<number>, m: number) =>
    nested(flat, [numObs[m] ?? 0, ...statesOf(aDependencies[m] ?? [])])
  const ofB = (byAction: readonly Float64Array[], f: number) => {
    const flat = byAction.flatMap((matrix) => [...matrix])
    const actions = (bControls[f] ?? []).map((control) => numControls[control] ?? 0)
    return nested(actionLast(flat, product(actions)), [
      numStates[f] ?? 0,
      ...statesOf(bDependencies[f] ?? []),
      ...actions,
    ])
  }
  const counted = <T>(counts: readonly (T | null)[], of: (own: T, i: number) => Tensor) =>
    counts.map((own, i) => (own === null ? null : of(own, i)))
  return {
    A: mind.A.map(ofA),
    B: mind.B.map(ofB),
    D: mind.pD.map((counts, f) => (counts === null ? [...(D[f] ?? [])] : normalised(counts))),
    pA: counted(mind.pA, ofA),
    pB: counted(mind.pB, ofB),
    pD: counted(mind.pD, (counts) => [...counts]),
    pE: mind.pE === null ? null : [...mind.pE],
  }
}

/** [action][entry] → [entry][action]. */
function actionLast(flat: ArrayLike<number>, actions: number): number[] {
  const entries = flat.length / actions
  return Array.from({ length: flat.length }, (_, i) => {
    const [entry, action] = [Math.floor(i / actions), i % actions]
    return flat[action * entries + entry] ?? 0
  })
}

/** Row-major entries as nested arrays. */
export function nested(flat: ArrayLike<number>, lengths: readonly number[]): Tensor {
  const [length = 0, ...inner] = lengths
  if (inner.length === 0) return Array.from(flat)
  const size = flat.length / length
  const entries = Array.from(flat)
  return Array.from({ length }, (_, i) => nested(entries.slice(i * size, (i + 1) * size), inner))
}

function normalised(weights: Float64Array): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return Array.from(weights, (weight) => weight / total)
}

const product = (lengths: readonly number[]): number => lengths.reduce((all, length) => all * length, 1)
