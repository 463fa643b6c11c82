// Turns a compiled model into the program of the batched kernel, where that covers all that the model asks for.
import type { CompiledModel } from '../../model/compiled.js'
import { alignTo64, type ModelLayout, type ModelShape } from '../../model/layout.js'
import { rowBytes, rowSections } from '../../row/layout.js'
import * as W from '../words.js'
import { isCovered } from './covered.js'
import { distinct, keyOfNumbers, mapOf, placeMap, rowsOf } from './linear-map.js'
import { layRoom } from './room.js'
import { Tables } from './tables.js'
import { type Combinations, combinationsOf, placeGroups } from './groups.js'
import { type JointWorth, type LinearWorth, type Predictions, worthOf } from './worth.js'

/** Bytes of scratch that a thread keeps for programs: a model that needs more is stepped by the reference kernel. */
export const KERNEL_SCRATCH_BYTES = 2 ** 20

/** A model with its program is at most four times as long as without it, and so much: a limit on models limits both. */
const SPARE_BYTES = 2 ** 20

const EPS = 1e-16
/** Modalities whose likelihoods, each at least ε, can be multiplied with a prior of at least ε without underflow. */
const MOST_MULTIPLIED = 17
/** In single precision ε² with a prior of ε is already under the smallest number. */
const MOST_MULTIPLIED_SINGLE = 1

/** A program, and the bytes of the model with it. */
export interface Program {
  /** Where its header is, in bytes from the beginning of the compiled model. */
  readonly at: number
  /** Bytes of the compiled model with the program behind it. */
  readonly bytes: number
  writeTo(model: Uint8Array): void
}

/** Null where the kernel does not cover the model or has no room for it. `layout`: the model's own tables. */
export function buildProgram(model: CompiledModel, layout: ModelLayout): Program | null {
  if (!isCovered(model)) return null
  const tables = new Tables(layout.bytes, isSingle(model))
  const { at, words } = tables.later(W.PROGRAM_WORDS)
  const factors = model.numStates.map((_, f) => predictionsOf(model, f))
  const worths = model.groups.map((group) =>
    worthOf(model, group, group.factors.length === 1 ? factors[group.factors[0]] : null),
  )
  const combinations = model.groups.map((group) => combinationsOf(model, group))
  const most = isSingle(model) ? MOST_MULTIPLIED_SINGLE : MOST_MULTIPLIED
  const product = model.numStates.length === 1 && (isExact(model) || model.numObs.length <= most)
  const joined = layRooms(model, { words, factors, worths, combinations, product })
  if (words[W.SCRATCH_BYTES] > KERNEL_SCRATCH_BYTES) return null
  writeSizes(model, words, product)
  writeChoices(model, layout, { tables, words })
  words[W.FACTOR_TABLE] = placeFactors(model, { tables, factors, joined, worths })
  words[W.GROUP_TABLE] = placeGroups(model, { tables, worths, combinations })
  words[W.MODALITY_TABLE] = placeModalities(model, layout, { tables, product })
  const bytes = alignTo64(tables.end)
  if (bytes > 4 * layout.bytes + SPARE_BYTES) return null
  return { at, bytes, writeTo: (out) => tables.writeTo(out) }
}

const isSingle = ({ options }: Pick<ModelShape, 'options'>): boolean => options.precision === 'single'

const isExact = ({ options }: CompiledModel): boolean => options.inference === 'exact'

/** All different rows of a factor's B. */
function predictionsOf({ B, parents }: CompiledModel, f: number): Predictions {
  return distinct(
    B[f].flatMap((next) => rowsOf(next, parents[f].size)),
    keyOfNumbers,
  )
}

interface Parts {
  readonly words: Uint32Array
  readonly factors: readonly Predictions[]
  readonly worths: readonly (LinearWorth | JointWorth)[]
  readonly combinations: readonly Combinations[]
  readonly product: boolean
}

/** Returns, per factor, where its parents are joined: bytes behind `SCRATCH_PRIOR`. */
function layRooms(model: CompiledModel, { words, factors, worths, combinations, product }: Parts): number[] {
  const { numStates, parents, groups, aAxes, states, numControls, policies, policyLen, jointActions } = model
  let end = states
  const joined = parents.map(({ size, factors: several }) => {
    const at = end * W.LINE
    if (several.length > 1) end += size
    return at
  })
  const counts = combinations.map(({ actions }) => actions.length)
  layRoom(
    {
      joints: jointActions.length / numControls.length,
      states,
      factorStates: numStates,
      joined: end - states,
      predictions: factors.map(({ rows }) => rows.length),
      groupSizes: groups.map(({ size }) => size),
      modalitySizes: aAxes.map(({ size }) => size),
      product,
      outcomes: Math.max(...worths.map(({ outcomes }) => outcomes.rows.length), ...counts),
      backgrounds: Math.max(...worths.map(({ outcomes }) => outcomes.backgrounds.length), 1),
      policies,
      policyLen,
      controls: numControls,
      values: counts.reduce((sum, count) => sum + count, 0),
    },
    words,
  )
  return joined
}

function writeSizes(model: CompiledModel, words: Uint32Array, product: boolean): void {
  const { options, numStates, numObs, groups, numControls, policies, policyLen, nodeDepth } = model
  words[W.FACTORS] = numStates.length
  words[W.MODALITIES] = numObs.length
  words[W.GROUPS] = groups.length
  words[W.POLICY_LEN] = policyLen
  words[W.POLICIES] = policies
  words[W.CONTROLS] = numControls.length
  words[W.JOINTS] = model.jointActions.length / numControls.length
  words[W.STATES] = model.states
  words[W.OUTCOMES] = numObs.reduce((sum, outcomes) => sum + outcomes, 0)
  words[W.ROW_BYTES] = rowBytes(rowSections(model))
  words[W.NODES] = nodeDepth.length
  words[W.NUM_ITER] = options.numIter
  words[W.FLAGS] =
    (isExact(model) ? W.EXACT : 0) |
    (product ? W.PRODUCT : 0) |
    (options.actionSelection === 'stochastic' ? W.STOCHASTIC : 0) |
    (options.samplingMode === 'full' ? W.FULL_SAMPLING : 0) |
    (options.computeVfe ? W.FOLLOW : 0) |
    (options.sweeps === 'sequential' ? W.SEQUENTIAL : 0) |
    (options.useStatesInfoGain ? W.USE_GAIN : 0) |
    (leastLikelihood(model) < SAFE_LIKELIHOOD ? W.MAY_UNDERFLOW : 0)
}

/** Under this a product with a small prior is not safe. */
const SAFE_LIKELIHOOD = 1e-90

/** The least, but for 0, that all modalities together can give. */
function leastLikelihood({ A }: CompiledModel): number {
  return A.reduce(
    (product, matrix) => product * matrix.reduce((least, p) => (p > 0 && p < least ? p : least), 1),
    1,
  )
}

interface Place {
  readonly tables: Tables
  readonly words: Uint32Array
}

/** What policies, posterior and choice need. */
function writeChoices(model: CompiledModel, layout: ModelLayout, { tables, words }: Place): void {
  const { options, policyAction, policyLen, policies, logE } = model
  words[W.CONTROL_TABLE] = tables.words(model.numControls)
  words[W.NODE_DEPTH] = layout.nodeDepth
  words[W.NODE_ACTION] = layout.nodeAction
  words[W.NODE_POLICY] = layout.nodePolicy
  words[W.JOINT_ACTIONS] = layout.jointActions
  words[W.FACTOR_ACTIONS] = layout.factorActions
  words[W.FIRST_ACTION] = tables.words(
    Array.from({ length: policies }, (_, policy) => policyAction[policy * policyLen]),
  )
  words[W.LOG_E] = tables.numbers(logE)
  words[W.NUMBERS] = tables.doubles([options.gamma, options.alpha, options.dF, options.dFTol])
}

interface FactorParts {
  readonly tables: Tables
  readonly factors: readonly Predictions[]
  readonly joined: readonly number[]
  readonly worths: readonly (LinearWorth | JointWorth)[]
}

function placeFactors(model: CompiledModel, { tables, factors, joined, worths }: FactorParts): number {
  const { numStates, stateAt, parents, B, groups } = model
  const { at, words } = tables.later(W.FACTOR_WORDS * numStates.length)
  let rowsAt = model.states * W.LINE
  numStates.forEach((states, f) => {
    const word = words.subarray(f * W.FACTOR_WORDS)
    const { rows, of } = factors[f]
    word[W.FACTOR_STATES] = states
    word[W.FACTOR_AT] = stateAt[f]
    word[W.FACTOR_PARENTS] = parents[f].factors.length
    word[W.FACTOR_PARENT_TABLE] = tables.words(parents[f].factors)
    word[W.FACTOR_JOINED] = joined[f]
    word[W.FACTOR_NEXT] = tables.words(
      B[f].map((next) => placeMap(tables, mapOf(rowsOf(next, parents[f].size)))),
    )
    word[W.FACTOR_ALL] = placeMap(tables, mapOf(rows))
    word[W.FACTOR_ROWS] = rows.length
    word[W.FACTOR_ROWS_AT] = rowsAt
    word[W.FACTOR_ROW_OF] = tables.words(of.map((row) => row * W.LINE))
    word[W.FACTOR_ALWAYS] = Number(
      groups.some((group, g) => group.factors.includes(f) && worths[g].kind !== W.WORTH_OF_BELIEF),
    )
    rowsAt += rows.length * W.LINE
  })
  return at
}

/** What was seen as a table of likelihoods, or of their logarithms; one row more for what was not seen. */
function placeModalities(
  model: CompiledModel,
  layout: ModelLayout,
  { tables, product }: { readonly tables: Tables; readonly product: boolean },
): number {
  const { numObs, aAxes, A, logA } = model
  const { at, words } = tables.later(W.MODALITY_WORDS * numObs.length)
  let outcomesAt = 0
  numObs.forEach((outcomes, m) => {
    const word = words.subarray(m * W.MODALITY_WORDS)
    const { size } = aAxes[m]
    const seen = product ? A[m].map((p) => (isExact(model) ? p : p + EPS)) : logA[m]
    const unseen = new Float64Array(size).fill(product ? 1 : 0)
    word[W.MODALITY_OUTCOMES] = outcomes
    word[W.MODALITY_SIZE] = size
    word[W.MODALITY_TABLE_AT] = tables.numbers([...seen, ...unseen])
    word[W.MODALITY_A] = layout.A[m]
    word[W.MODALITY_OUTCOMES_AT] = outcomesAt
    outcomesAt += outcomes
  })
  return at
}
