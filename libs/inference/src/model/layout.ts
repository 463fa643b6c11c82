// Where everything of a compiled model lies: from shape to byte offsets, for compile, map and describe.
import { axesOf, type Axes } from '../math/tensor.js'
import { countJointActions, countNodes, countPolicies, type PolicySpace } from './policies.js'

/** All that the sizes of a model hang on. */
export interface ModelShape extends PolicySpace {
  /** Outcomes of each modality. */
  readonly numObs: readonly number[]
  /** States of each factor. */
  readonly numStates: readonly number[]
  /** Factors that each modality's likelihood depends on, in the order of its axes. */
  readonly aDependencies: readonly (readonly number[])[]
  /** Factors that each factor's next state depends on, in the order of its axes. */
  readonly bDependencies: readonly (readonly number[])[]
}

/**
 * Modalities that depend on the same factors in the same order: their log likelihoods add up before any
 * sweep.
 */
export interface ModalityGroup extends Axes {
  readonly modalities: readonly number[]
}

export function modalityGroups({ aDependencies, numStates }: ModelShape): ModalityGroup[] {
  const groups = new Map<string, number[]>()
  aDependencies.forEach((factors, m) =>
    groups.set(factors.join(), [...(groups.get(factors.join()) ?? []), m]),
  )
  return [...groups.values()].map((modalities) => ({
    ...axesOf(aDependencies[modalities[0]], numStates),
    modalities,
  }))
}

/** Byte offsets from the beginning of a compiled model; each section begins on a cache line of its own. */
export interface ModelLayout {
  /**
   * u32: states and actions of each factor, outcomes of each modality, then each dependency list after its
   * length.
   */
  readonly shape: number
  /** Per modality, f64 [outcome][state…]: ln(A + 1e-16). */
  readonly logA: readonly number[]
  /** Per modality, f64 [outcome][state…]. */
  readonly A: readonly number[]
  /** Per factor, f64 [action][next][previous…]. */
  readonly B: readonly number[]
  /** Per group, f64 [t][state…]: expected log preference of each joint state at each predicted step. */
  readonly utility: readonly number[]
  /** Per group, f64 [state…]: Σ A ln(A + exp(−16)), the negative ambiguity of each joint state. */
  readonly ambiguity: readonly number[]
  /** f64 [policy]: ln(E + 1e-16). */
  readonly logE: number
  /** u32 [node] twice, u32 [policy]: the policy tree. */
  readonly nodeDepth: number
  readonly nodeAction: number
  readonly firstAction: number
  /** u32 [joint action][factor]: each factor's own action. */
  readonly jointActions: number
  /** Bytes of the whole. */
  readonly bytes: number
}

export const HEADER_BYTES = 64
const F64 = 8
const U32 = 4

export const alignTo64 = (bytes: number): number => Math.ceil(bytes / 64) * 64

/**
 * Allocates nothing that grows with the model's matrices, so that a size can be refused before it is paid
 * for.
 */
export function modelLayout(shape: ModelShape): ModelLayout {
  let bytes = HEADER_BYTES
  const section = (entries: number, entryBytes: number): number => {
    const at = bytes
    bytes = alignTo64(bytes + entries * entryBytes)
    return at
  }
  const sizeOf = (factors: readonly number[]): number => axesOf(factors, shape.numStates).size
  const aSize = shape.numObs.map((outcomes, m) => outcomes * sizeOf(shape.aDependencies[m]))
  const groups = modalityGroups(shape)
  const nodes = countNodes(shape)
  return {
    shape: section(wordsOfShape(shape), U32),
    logA: aSize.map((size) => section(size, F64)),
    A: aSize.map((size) => section(size, F64)),
    B: shape.numStates.map((states, f) =>
      section(states * sizeOf(shape.bDependencies[f]) * shape.numControls[f], F64),
    ),
    utility: groups.map(({ size }) => section(size * shape.policyLen, F64)),
    ambiguity: groups.map(({ size }) => section(size, F64)),
    logE: section(countPolicies(shape), F64),
    nodeDepth: section(nodes, U32),
    nodeAction: section(nodes, U32),
    firstAction: section(countPolicies(shape), U32),
    jointActions: section(countJointActions(shape.numControls) * shape.numStates.length, U32),
    bytes,
  }
}

function wordsOfShape({ numStates, numObs, aDependencies, bDependencies }: ModelShape): number {
  const listed = [...aDependencies, ...bDependencies].reduce((words, list) => words + 1 + list.length, 0)
  return 2 * numStates.length + numObs.length + listed
}
