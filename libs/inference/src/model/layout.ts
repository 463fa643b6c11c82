// Where everything of a compiled model lies: from shape to byte offsets, for compile, map and describe.
import { axesOf, type Axes } from '../math/tensor.js'
import type { Options } from './options.js'
import { countJointActions, type PolicySpace } from './policies.js'

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
  /** Controls that each factor's next state depends on, in the order of its last axes. */
  readonly bControls: readonly (readonly number[])[]
  /** Which matrices have Dirichlet counts. */
  readonly counted: {
    readonly A: readonly boolean[]
    readonly B: readonly boolean[]
    readonly D: readonly boolean[]
    readonly E: boolean
  }
  /** Which factors have goal states. */
  readonly goals: readonly boolean[]
  readonly options: Options
}

/** Predicted steps whose outcomes are worth something: message passing counts the present one too. */
export const valueSteps = ({ options, policyLen }: Pick<ModelShape, 'options' | 'policyLen'>): number =>
  options.inference === 'messagePassing' ? policyLen + 1 : policyLen

/** Actions of a factor by itself: joint ones of the controls that it depends on. */
export const ownActions = ({ bControls, numControls }: ModelShape, factor: number): number =>
  bControls[factor].reduce((product, control) => product * numControls[control], 1)

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
  /** ASCII: the shape as JSON, options included. */
  readonly shape: number
  /** Per modality, f64 [outcome][state…]: ln(A + 1e-16). */
  readonly logA: readonly number[]
  /** Per modality, f64 [outcome][state…]. */
  readonly A: readonly number[]
  /** Per factor, f64 [own action][next][previous…]. */
  readonly B: readonly number[]
  /** Per modality, factor, factor: Dirichlet counts in the order of A, B and D, where there are any; else 0. */
  readonly pA: readonly number[]
  readonly pB: readonly number[]
  readonly pD: readonly number[]
  /** f64 [policy]: counts of E, where there are any; else 0. */
  readonly pE: number
  /** Per modality, f64 [t][outcome]: ln softmax(C[m]) at the t-th predicted step. */
  readonly logC: readonly number[]
  /** Per group, f64 [t][state…]: expected log preference of each joint state at each predicted step. */
  readonly utility: readonly number[]
  /** Per group, f64 [state…]: Σ A ln(A + exp(−16)), the negative ambiguity of each joint state. */
  readonly ambiguity: readonly number[]
  /** Per factor with goals, f64 [depth][state]: 1 where a goal can be reached within so many steps; else 0. */
  readonly reach: readonly number[]
  /** f64 [policy]: ln(E + 1e-16). */
  readonly logE: number
  /** u32 [node] three times, u32 [policy][t]: the policy tree. */
  readonly nodeDepth: number
  readonly nodeAction: number
  readonly nodePolicy: number
  readonly policyAction: number
  /** u32 [joint action][control]: each control's own action. */
  readonly jointActions: number
  /** u32 [joint action][factor]: each factor's own action. */
  readonly factorActions: number
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
  const sections = (sizes: readonly number[], where: readonly boolean[] = sizes.map(() => true)): number[] =>
    sizes.map((size, i) => (where[i] ? section(size, F64) : 0))
  const { numObs, numStates, counted, goals, options, policies, nodes, policyLen } = shape
  const sizes = matrixSizes(shape)
  const groups = modalityGroups(shape).map(({ size }) => size)
  const joints = countJointActions(shape.numControls)
  return {
    shape: section(shapeText(shape).length, 1),
    logA: sections(sizes.A),
    A: sections(sizes.A),
    B: sections(sizes.B),
    pA: sections(sizes.A, counted.A),
    pB: sections(sizes.B, counted.B),
    pD: sections(numStates, counted.D),
    pE: counted.E ? section(policies, F64) : 0,
    logC: sections(numObs.map((outcomes) => outcomes * valueSteps(shape))),
    utility: sections(groups.map((size) => size * valueSteps(shape))),
    ambiguity: sections(groups),
    reach: sections(
      numStates.map((states) => states * options.inductiveDepth),
      goals,
    ),
    logE: section(policies, F64),
    nodeDepth: section(nodes, U32),
    nodeAction: section(nodes, U32),
    nodePolicy: section(nodes, U32),
    policyAction: section(policies * policyLen, U32),
    jointActions: section(joints * shape.numControls.length, U32),
    factorActions: section(joints * numStates.length, U32),
    bytes,
  }
}

/** Entries of each A[m] and each B[f]. */
export function matrixSizes(shape: ModelShape): { readonly A: number[]; readonly B: number[] } {
  const { numObs, numStates, aDependencies, bDependencies } = shape
  const sizeOf = (factors: readonly number[]): number => axesOf(factors, numStates).size
  return {
    A: numObs.map((outcomes, m) => outcomes * sizeOf(aDependencies[m])),
    B: numStates.map((states, f) => states * sizeOf(bDependencies[f]) * ownActions(shape, f)),
  }
}

/** The shape as text, ASCII: what a compiled model says of itself. */
export const shapeText = (shape: ModelShape): string =>
  JSON.stringify({
    numObs: shape.numObs,
    numStates: shape.numStates,
    numControls: shape.numControls,
    aDependencies: shape.aDependencies,
    bDependencies: shape.bDependencies,
    bControls: shape.bControls,
    controllable: shape.controllable,
    policyLen: shape.policyLen,
    policies: shape.policies,
    nodes: shape.nodes,
    counted: shape.counted,
    goals: shape.goals,
    options: shape.options,
  } satisfies ModelShape)
