// A compiled model as a kernel sees it: views into shared memory, and small tables that say how to walk them.
import { axesOf, type Axes, type Contraction, contractions } from '../math/tensor.js'
import { readHeader } from './header.js'
import { type ModalityGroup, modalityGroups, modelLayout, type ModelShape } from './layout.js'
import { countJointActions, countNodes, countPolicies, type PolicyTree } from './policies.js'
import type { ValidModel } from './valid-model.js'

/** How a log likelihood speaks to one factor: everything else is averaged out, one axis after the other. */
export interface Message {
  readonly factor: number
  readonly contractions: readonly Contraction[]
}

/** Modalities that depend on the same factors. */
export interface CompiledGroup extends ModalityGroup {
  /** One per factor that it depends on. */
  readonly messages: readonly Message[]
  /** [t][joint state]: expected log preference. */
  readonly utility: Float64Array
  /** [joint state]: Σ A ln(A + exp(−16)). */
  readonly ambiguity: Float64Array
}

export interface CompiledModel extends ModelShape, PolicyTree {
  readonly bytes: number
  readonly options: ValidModel['options']
  /** Where each factor's belief begins among all states, and how many states there are in all. */
  readonly stateAt: Int32Array
  readonly states: number
  /** Where each factor's predictions, one per action, begin among all predictions, and how long those are. */
  readonly predictionAt: Int32Array
  readonly predictions: number
  /** Per factor: the factors that its next state depends on. */
  readonly parents: readonly Axes[]
  readonly groups: readonly CompiledGroup[]
  /** Per modality, [outcome][joint state]: ln(A + 1e-16). */
  readonly logA: readonly Float64Array[]
  /** Per modality, [outcome][joint state]. */
  readonly A: readonly Float64Array[]
  /** Per factor and action, [next][joint previous state]. */
  readonly B: readonly (readonly Float64Array[])[]
  /** [policy]: ln(E + 1e-16). */
  readonly logE: Float64Array
  /** [joint action][factor]. */
  readonly jointActions: Uint32Array
}

/**
 * Views of a compiled model at a byte offset that is a multiple of 64; copies nothing.
 * Throws `internal` where there is none.
 */
export function mapModel(buffer: ArrayBufferLike, offset: number): CompiledModel {
  const { bytes, shape, options } = readHeader(buffer, offset)
  const layout = modelLayout(shape)
  const f64 = (at: number, length: number) => new Float64Array(buffer, offset + at, length)
  const u32 = (at: number, length: number) => new Uint32Array(buffer, offset + at, length)
  const { numStates, numControls, numObs } = shape
  const stateAt = offsets(numStates)
  const parents = shape.bDependencies.map((factors) => axesOf(factors, numStates))
  const sizeOfA = numObs.map((outcomes, m) => outcomes * axesOf(shape.aDependencies[m], numStates).size)
  const predictionLengths = numStates.map((states, f) => states * numControls[f])
  return {
    ...shape,
    bytes,
    options,
    parents,
    stateAt,
    states: total(numStates),
    predictionAt: offsets(predictionLengths),
    predictions: total(predictionLengths),
    groups: modalityGroups(shape).map((group, g) => ({
      ...group,
      messages: group.factors.map((factor, k) => ({ factor, contractions: contractions(group, k, stateAt) })),
      utility: f64(layout.utility[g], group.size * shape.policyLen),
      ambiguity: f64(layout.ambiguity[g], group.size),
    })),
    logA: sizeOfA.map((size, m) => f64(layout.logA[m], size)),
    A: sizeOfA.map((size, m) => f64(layout.A[m], size)),
    B: parents.map(({ size }, f) => {
      const entries = numStates[f] * size
      return Array.from({ length: numControls[f] }, (_, a) => f64(layout.B[f] + 8 * entries * a, entries))
    }),
    logE: f64(layout.logE, countPolicies(shape)),
    nodeDepth: u32(layout.nodeDepth, countNodes(shape)),
    nodeAction: u32(layout.nodeAction, countNodes(shape)),
    firstAction: u32(layout.firstAction, countPolicies(shape)),
    jointActions: u32(layout.jointActions, countJointActions(numControls) * numStates.length),
  }
}

/** Where each of consecutive pieces begins. */
function offsets(lengths: readonly number[]): Int32Array {
  let at = 0
  return Int32Array.from(lengths, (length) => (at += length) - length)
}

const total = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0)
