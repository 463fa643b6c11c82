// What each compute thread keeps of a model beside its bytes in the arena: counted before anything is allocated.
import { entriesOf, rowSections } from '../row/layout.js'
import { TERMS } from '../slot.js'
import { axesOf } from '../math/tensor.js'
import {
  matrixSizes,
  type ModalityGroup,
  modalityGroups,
  type ModelShape,
  ownActions,
  valueSteps,
} from './layout.js'

/** Of a typed array without its numbers, in V8 on 64 bits: object, buffer and backing store. */
const ARRAY_BYTES = 224

/**
 * Bytes of `mapModel` and `makeScratch` for a model of this shape: those of `scratchBytes`, and of the objects whose
 * number grows with own actions and outcomes. May be Infinity.
 */
export const threadBytes = (shape: ModelShape): number =>
  scratchBytes(shape) + ARRAY_BYTES * arraysOfMatrices(shape)

/** Bytes of all arrays that `makeScratch` allocates; the same as a walk over them finds, but for a few words. */
export function scratchBytes(shape: ModelShape): number {
  const sizes = sizesOf(shape)
  const parts = [ofState, ofPlanning, ofMessages, ofSearch, ofLearning].map((part) => part(shape, sizes))
  return 8 * total(parts) + 4 * words(shape)
}

interface Sizes {
  readonly states: number
  readonly widest: number
  readonly outcomes: number
  readonly groups: readonly ModalityGroup[]
  /** Joint states of the largest group. */
  readonly group: number
  /** Joint states of the parents of each factor. */
  readonly parents: readonly number[]
  readonly predictions: number
  readonly A: readonly number[]
  readonly B: readonly number[]
}

function sizesOf(shape: ModelShape): Sizes {
  const { numObs, numStates, bDependencies } = shape
  const groups = modalityGroups(shape)
  return {
    states: total(numStates),
    widest: Math.max(...numStates),
    outcomes: total(numObs),
    groups,
    group: Math.max(...groups.map(({ size }) => size)),
    parents: bDependencies.map((factors) => axesOf(factors, numStates).size),
    predictions: total(numStates.map((states, f) => states * ownActions(shape, f))),
    ...matrixSizes(shape),
  }
}

/** The row at hand, what it sees and what perception makes of it. */
function ofState(shape: ModelShape, { states, outcomes, groups, group, parents }: Sizes): number {
  const row = total(rowSections(shape).map(entriesOf))
  const joint = 2 * total(groups.map(({ size }) => size))
  return row + 5 * states + 2 * outcomes + joint + group + shape.options.numIter + 1 + total(parents)
}

/** Predictions, what they are worth, policies and actions. */
function ofPlanning(shape: ModelShape, { predictions, widest, A, B }: Sizes): number {
  const { counted, numControls, numObs, options, policies, policyLen } = shape
  const terms = TERMS.length
  const novelty = total(A.filter((_, m) => counted.A[m])) + total(B.filter((_, f) => counted.B[f]))
  const tree = policyLen * predictions + (policyLen + 1) * terms
  const precision = options.updateGamma ? 2 * policies : 0
  const kept = options.planEvery === 1 || options.samplingMode === 'full' ? 0 : 1
  const actions = 2 * total(numControls) + numControls.length
  return novelty + Math.max(widest, ...numObs) + tree + (4 + terms) * policies + precision + kept + actions
}

/** Beliefs of every policy, and room to pass messages between them. */
function ofMessages(shape: ModelShape, { states, widest, group, parents }: Sizes): number {
  const { bDependencies, numStates, options, policies, policyLen } = shape
  if (options.inference !== 'messagePassing') return 0
  const beliefs = policies * (options.window + policyLen) * states
  const tensor = Math.max(group, ...numStates.map((count, f) => count * parents[f]))
  const sums = numStates.map((count, f) => (bDependencies[f].length === 1 ? count * ownActions(shape, f) : 0))
  const value = TERMS.length + policies + states
  return beliefs + 2 * policies + 4 * states + 7 * widest + total(parents) + tensor + total(sums) + value
}

/** A node for each depth, and what perception gave. */
function ofSearch(
  { numObs, options, policies }: ModelShape,
  { states, predictions, parents, outcomes }: Sizes,
): number {
  if (options.planning !== 'sophisticated') return 0
  const beliefs = states + predictions + total(parents) + outcomes
  const node = beliefs + TERMS.length + 2 * (numObs.length + 1) + 1 + 2 * policies
  return options.horizon * node + 2 * states + options.numIter + 1
}

/** What an agent's own counts are made into. */
function ofLearning(shape: ModelShape, { groups, A, B }: Sizes): number {
  const { goals, numStates, options, policies } = shape
  const { learning, inductiveDepth } = options
  const learnsA = new Set(learning.A?.only)
  const learnsB = new Set(learning.B?.only)
  const learned = groups.filter(({ modalities }) => modalities.some((m) => learnsA.has(m)))
  const seeking = numStates.filter((_, f) => learnsB.has(f) && goals[f])
  return (
    2 * total(A.filter((_, m) => learnsA.has(m))) +
    total(learned.map(({ size }) => size * (valueSteps(shape) + 1))) +
    total(B.filter((_, f) => learnsB.has(f))) +
    inductiveDepth * total(seeking) +
    (learning.E === undefined ? 0 : policies)
  )
}

/** Of four bytes: where beliefs begin, what was seen, what is done. */
function words({ numObs, numStates, options, policyLen }: ModelShape): number {
  const [factors, modalities] = [numStates.length, numObs.length]
  const times = options.inference === 'messagePassing' ? options.window + policyLen : 0
  const nodes = options.planning === 'sophisticated' ? options.horizon : 0
  const passing = times === 0 ? 0 : times * (factors + 1) + modalities
  const search = nodes === 0 ? 0 : nodes * (factors + modalities) + modalities
  return (policyLen + 3) * factors + modalities + 2 + passing + search
}

/** One for each own action of a factor, of which there may be a million where its matrix has one entry each. */
function arraysOfMatrices(shape: ModelShape): number {
  const { counted, numObs, numStates, options } = shape
  const passing = options.inference === 'messagePassing' ? 1 : 0
  const each = (f: number): number =>
    1 + passing + (counted.B[f] ? 2 : 0) + (options.learning.B?.only.includes(f) === true ? 3 : 0)
  const actions = total(numStates.map((_, f) => ownActions(shape, f) * each(f)))
  return actions + passing * total(numObs)
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
