// A compiled model as a kernel sees it: views into shared memory, and small tables that say how to walk them.
import { axesOf, type Axes, type Contraction, contractions } from '../math/tensor.js'
import { readHeader } from './header.js'
import {
  matrixSizes,
  type ModalityGroup,
  modalityGroups,
  modelLayout,
  type ModelShape,
  ownActions,
  valueSteps,
} from './layout.js'
import { countJointActions, type PolicyTree } from './policies.js'

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

/** All that a step reads of a model. An agent that learns has one of its own, of which some arrays are its own. */
export interface CompiledModel extends ModelShape, PolicyTree {
  /** Where it begins in its memory, and how long it is. */
  readonly offset: number
  readonly bytes: number
  /** Where the batched kernel's program is, in bytes from `offset`; 0 where that kernel does not cover the model. */
  readonly program: number
  /** Predicted steps whose outcomes are worth something. */
  readonly valueSteps: number
  /** Where each factor's belief begins among all states, and how many states there are in all. */
  readonly stateAt: Int32Array
  readonly states: number
  /** Where each factor's predictions, one per own action, begin among all predictions, and how long those are. */
  readonly predictionAt: Int32Array
  readonly predictions: number
  /** Per factor: the factors that its next state depends on. */
  readonly parents: readonly Axes[]
  readonly groups: readonly CompiledGroup[]
  /** Per modality: the factors that it depends on. */
  readonly aAxes: readonly Axes[]
  /** Per modality, [outcome][joint state]: ln(A + 1e-16). */
  readonly logA: readonly Float64Array[]
  /** Per modality, [outcome][joint state]. */
  readonly A: readonly Float64Array[]
  /** Per factor and own action, [next][joint previous state]. */
  readonly B: readonly (readonly Float64Array[])[]
  /** Dirichlet counts: per modality [outcome][joint state]; per factor and own action [next][joint previous state], */
  readonly pA: readonly (Float64Array | null)[]
  readonly pB: readonly (readonly Float64Array[] | null)[]
  /** per factor [state]; [policy]. */
  readonly pD: readonly (Float64Array | null)[]
  readonly pE: Float64Array | null
  /** Per modality, [t][outcome]: ln softmax(C). */
  readonly logC: readonly Float64Array[]
  /** Per factor, [depth][state]: whether a goal can be reached within so many steps; null without goals. */
  readonly reach: readonly (Float64Array | null)[]
  /** [policy]: ln(E + 1e-16). */
  readonly logE: Float64Array
  /** [joint action][control]. */
  readonly jointActions: Uint32Array
  /** [joint action][factor]: which of the factor's own actions it is. */
  readonly factorActions: Uint32Array
}

/**
 * Views of a compiled model at a byte offset that is a multiple of 64; copies nothing.
 * Throws `internal` where there is none.
 */
export function mapModel(buffer: ArrayBufferLike, offset: number): CompiledModel {
  const { bytes, program, shape } = readHeader(buffer, offset)
  const layout = modelLayout(shape)
  const f64 = (at: number, length: number) => new Float64Array(buffer, offset + at, length)
  const u32 = (at: number, length: number) => new Uint32Array(buffer, offset + at, length)
  const each = (at: readonly number[], sizes: readonly number[]) => sizes.map((size, i) => f64(at[i], size))
  const some = (at: readonly number[], sizes: readonly number[], where: readonly boolean[]) =>
    sizes.map((size, i) => (where[i] ? f64(at[i], size) : null))
  const { numStates, numControls, numObs, counted, policies, nodes } = shape
  const sizes = matrixSizes(shape)
  const stateAt = offsets(numStates)
  const parents = shape.bDependencies.map((factors) => axesOf(factors, numStates))
  const predictionLengths = numStates.map((states, f) => states * ownActions(shape, f))
  const steps = valueSteps(shape)
  const joints = countJointActions(numControls)
  return {
    ...shape,
    offset,
    bytes,
    program,
    valueSteps: steps,
    parents,
    stateAt,
    states: total(numStates),
    predictionAt: offsets(predictionLengths),
    predictions: total(predictionLengths),
    groups: modalityGroups(shape).map((group, g) => ({
      ...group,
      messages: group.factors.map((factor, k) => ({ factor, contractions: contractions(group, k, stateAt) })),
      utility: f64(layout.utility[g], group.size * steps),
      ambiguity: f64(layout.ambiguity[g], group.size),
    })),
    aAxes: shape.aDependencies.map((factors) => axesOf(factors, numStates)),
    logA: each(layout.logA, sizes.A),
    A: each(layout.A, sizes.A),
    B: parents.map(({ size }, f) => {
      const entries = numStates[f] * size
      return Array.from({ length: ownActions(shape, f) }, (_, a) =>
        f64(layout.B[f] + 8 * entries * a, entries),
      )
    }),
    pA: some(layout.pA, sizes.A, counted.A),
    pB: some(layout.pB, sizes.B, counted.B).map(
      (counts, f) => counts && perAction(counts, ownActions(shape, f)),
    ),
    pD: some(layout.pD, numStates, counted.D),
    pE: counted.E ? f64(layout.pE, policies) : null,
    logC: each(
      layout.logC,
      numObs.map((outcomes) => outcomes * steps),
    ),
    reach: some(
      layout.reach,
      numStates.map((states) => states * shape.options.inductiveDepth),
      shape.goals,
    ),
    logE: f64(layout.logE, policies),
    nodeDepth: u32(layout.nodeDepth, nodes),
    nodeAction: u32(layout.nodeAction, nodes),
    nodePolicy: u32(layout.nodePolicy, nodes),
    policyAction: u32(layout.policyAction, policies * shape.policyLen),
    jointActions: u32(layout.jointActions, joints * numControls.length),
    factorActions: u32(layout.factorActions, joints * numStates.length),
  }
}

/** Views of [own action][…], one an action. */
export function perAction(flat: Float64Array, actions: number): Float64Array[] {
  const entries = flat.length / actions
  return Array.from({ length: actions }, (_, a) => flat.subarray(a * entries, (a + 1) * entries))
}

/** Where each of consecutive pieces begins. */
function offsets(lengths: readonly number[]): Int32Array {
  let at = 0
  return Int32Array.from(lengths, (length) => (at += length) - length)
}

const total = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0)
