// How much one step of a model may take, in multiplications of the reference kernel: counted before it is allowed.
import { axesOf, type Axes } from '../math/tensor.js'
import {
  matrixSizes,
  type ModalityGroup,
  modalityGroups,
  type ModelShape,
  ownActions,
  valueSteps,
} from './layout.js'

/** What a logarithm, an exponential or a division with its loop takes, in multiplications. */
const LOG = 20
/** What a loop takes before its first turn. */
const CALL = 15
/** Updates of the precision a step, each with two softmaxes; see policy/precision.ts. */
const PRECISION = 16 * 2 * LOG

/** A part of a step: `each`, so many times as the model or its options say. */
export interface Work {
  /** What says how often, from the one that is easiest to lower. */
  readonly times: readonly { readonly path: string; readonly count: number }[]
  readonly each: number
}

/**
 * Multiplications of the dearest step that a model of this shape can have: a full window, all sweeps, a search as
 * large as its thresholds and its budget let it be, the parts of G asked for. Most steps take less. May be Infinity.
 */
export const stepWork = (shape: ModelShape): number =>
  stepParts(shape).reduce((sum, part) => sum + workOf(part), 0)

export const workOf = ({ times, each }: Work): number => times.reduce((all, { count }) => all * count, each)

export function stepParts(shape: ModelShape): Work[] {
  const sizes = sizesOf(shape)
  const { inference, planning } = shape.options
  const perceiving =
    inference === 'messagePassing' ? passing(shape, sizes) : [once(seeing(sizes)), ...sweeping(shape, sizes)]
  const planned = planning === 'sophisticated' ? search(shape, sizes) : tree(shape, sizes)
  return [...perceiving, ...planned, choosing(shape), once(learning(shape, sizes))]
}

const once = (each: number): Work => ({ times: [], each })

interface Sizes {
  readonly shape: ModelShape
  readonly groups: readonly ModalityGroup[]
  /** Joint states that each factor's next state depends on. */
  readonly parents: readonly Axes[]
  readonly A: readonly number[]
  readonly B: readonly number[]
  readonly states: number
  readonly outcomes: number
  readonly joint: number
}

function sizesOf(shape: ModelShape): Sizes {
  const groups = modalityGroups(shape)
  return {
    shape,
    groups,
    parents: shape.bDependencies.map((factors) => axesOf(factors, shape.numStates)),
    ...matrixSizes(shape),
    states: total(shape.numStates),
    outcomes: total(shape.numObs),
    joint: total(groups.map(({ size }) => size)),
  }
}

/** The prior, the observation (as if all of it were seen softly), and whether it is possible. */
const seeing = (sizes: Sizes): number =>
  2 * total(sizes.A) + (2 * LOG + 3) * sizes.joint + carrying(sizes) + LOG * sizes.states

/** Every factor's belief through one action. */
const carrying = ({ shape, parents }: Sizes): number =>
  total(parents.map(({ size }, f) => CALL + (2 + shape.numStates[f]) * size))

/** Sweeps of the fixed point, after the first messages; one factor needs one. See belief/fixed-point.ts. */
function sweeping(shape: ModelShape, sizes: Sizes): Work[] {
  const each = sweep(shape, sizes)
  if (shape.numStates.length === 1) return [once(2 * each)]
  return [once(each), { times: [{ path: 'options.numIter', count: shape.options.numIter }], each }]
}

const sweeps = ({ numStates, options }: ModelShape): number =>
  numStates.length > 1 ? options.numIter + 1 : 2

function sweep({ options }: ModelShape, { groups, states }: Sizes): number {
  const gathered = options.sweeps === 'sequential' ? 2 : 1
  return gathered * total(groups.map(messagesOf)) + states * (2 * LOG + 4)
}

const messagesOf = (group: ModalityGroup): number =>
  CALL + total(group.factors.map((_, kept) => averaging(group, kept)))

/** All axes but one averaged out, the last one first; see `contractions`. */
function averaging({ lengths, size }: Axes, kept: number): number {
  let rest = size
  let work = CALL + 2 * lengths[kept]
  for (let k = lengths.length - 1; k >= 0; k--) {
    if (k === kept) continue
    work += CALL + rest
    rest /= lengths[k]
  }
  return work
}

/** What a predicted step is worth; see policy/node-value.ts and policy/novelty.ts. */
function worth({ shape, groups, parents, A, joint, outcomes }: Sizes): number {
  const { counted, numStates } = shape
  const states = groups.map(({ factors, modalities }) => CALL * (factors.length + 2 * modalities.length + 2))
  const ofA = A.map((size, m) => (counted.A[m] ? 2 * CALL + 3 * size : 0))
  const ofB = parents.map(({ size }, f) => (counted.B[f] ? 2 * CALL + (2 + numStates[f]) * size : 0))
  const seen = 4 * joint + total(A) + LOG * outcomes
  return total(states) + seen + total(ofA) + total(ofB) + CALL * numStates.length
}

/** All predictions from one belief: every factor's under each of its own actions. */
const predicting = ({ shape, parents, B }: Sizes): number =>
  total(parents.map(({ size }, f) => 2 * size + B[f] + CALL * (1 + ownActions(shape, f))))

/** The tree of policies; see policy/expected-free-energy.ts. By message passing their own beliefs are there. */
function tree(shape: ModelShape, sizes: Sizes): Work[] {
  const { nodes, options, policies, policyLen } = shape
  if (options.inference === 'messagePassing') return [perPolicy(shape, (policyLen + 1) * worth(sizes))]
  const inner = Math.max(1, nodes - policies + 1)
  // An endless tree is too large, not none.
  const each = Number.isFinite(nodes)
    ? (nodes * worth(sizes) + inner * predicting(sizes)) / policies
    : Infinity
  return [perPolicy(shape, each)]
}

const perPolicy = ({ policies }: ModelShape, each: number): Work => ({
  times: [{ path: 'policies', count: policies }],
  each,
})

/** The posterior over policies, its precision and the choice. */
const choosing = (shape: ModelShape): Work =>
  perPolicy(shape, 5 * LOG + shape.numControls.length + (shape.options.updateGamma ? PRECISION : 0))

/** The search looks at the root and at what it visits; see policy/search.ts. */
function search(shape: ModelShape, sizes: Sizes): Work[] {
  const { nodeBudget, outcomePruneThreshold, policyPruneThreshold } = shape.options
  const { numObs, policies } = shape
  // Shares that add up to 1: no more of them than this are as large as the threshold.
  const actions = Math.min(policies, 1 / policyPruneThreshold)
  const outcomes = Math.min(product(numObs), 1 / outcomePruneThreshold)
  let level = 1
  let visits = 0
  for (let depth = 1; depth < shape.options.horizon && visits < nodeBudget; depth++) {
    level *= actions * outcomes
    visits += level
  }
  const looked = predicting(sizes) + policies * (worth(sizes) + 3 * LOG)
  const ahead = actions * (2 * sizes.joint + total(sizes.A) + CALL * numObs.length + 2 * sizes.outcomes)
  const inferred =
    sweeps(shape) * sweep(shape, sizes) + total(sizes.A) / Math.min(...numObs) + LOG * sizes.states
  const count = Math.ceil(Math.min(visits, nodeBudget))
  return [
    { times: [{ path: 'options.nodeBudget', count }], each: inferred + looked + ahead },
    once(looked + ahead),
  ]
}

/** Every policy's sweeps over its window and its future; see belief/messages.ts. */
function passing(shape: ModelShape, sizes: Sizes): Work[] {
  const { options, policies, policyLen } = shape
  const { matchPymdp, numIter, window } = options
  const hear = total(
    sizes.groups.map((group) => group.modalities.length * (messagesOf(group) + LOG * total(group.lengths))),
  )
  const slipped = matchPymdp ? (LOG + 2) * sizes.joint : 0
  const others = carrying(sizes) + lookingBack(shape, sizes) + (5 * LOG + 8) * sizes.states
  const each = (window + policyLen) * others + window * (hear + slipped)
  const free = window * (carrying(sizes) + 2 * LOG * sizes.states + 2 * sizes.joint + total(sizes.A))
  const perSweep = { path: 'options.numIter', count: numIter }
  const perPolicyToo = { path: 'policies', count: policies }
  return [
    { times: [perSweep, perPolicyToo], each },
    { times: [perPolicyToo], each: free },
    once(seeing(sizes) + 2 * total(sizes.B)),
  ]
}

/** From each factor to each of its parents: a division an entry, and the sums by which is divided. */
function lookingBack({ numStates }: ModelShape, { parents }: Sizes): number {
  const backTo =
    (axes: Axes, f: number) =>
    (_: number, kept: number): number => {
      const left = numStates[f] * axes.lengths[kept]
      return numStates[f] * averaging(axes, kept) + 6 * left + CALL
    }
  return total(parents.flatMap((axes, f) => axes.factors.map(backTo(axes, f))))
}

/** Matrices anew from counts, at most twice a step, and the counts; see learning/recall.ts and learning/learn.ts. */
function learning(shape: ModelShape, { A, B }: Sizes): number {
  const { counted, goals, options, policies } = shape
  const { A: a, B: b, E: e } = options.learning
  if (a === undefined && b === undefined && options.learning.D === undefined && e === undefined) return 0
  const likelihoods = total((a?.only ?? []).map((m) => A[m])) * (2 * LOG + LOG * valueSteps(shape))
  const transitions = total((b?.only ?? []).map((f) => B[f] * (6 + (goals[f] ? options.inductiveDepth : 0))))
  const novelty = LOG * (total(A.filter((_, m) => counted.A[m])) + total(B.filter((_, f) => counted.B[f])))
  return 2 * (likelihoods + transitions + novelty + (e === undefined ? 0 : (LOG + 4) * policies))
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
const product = (counts: readonly number[]): number => counts.reduce((all, count) => all * count, 1)
