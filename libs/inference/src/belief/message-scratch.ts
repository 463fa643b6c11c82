// What message passing needs beside the scratch: the agent's window, in its row, and every policy's beliefs.
import { EPS } from '../math/log-exp.js'
import { type Contraction, contractions } from '../math/tensor.js'
import type { CompiledModel } from '../model/compiled.js'
import { sectionOf } from '../row/layout.js'

/** Made once per thread and model. Times count from the oldest observation of the window. */
export interface MessagePassing {
  /** Views of the agent's row. [1]: observations in the window; during and after a step at least one. */
  readonly length: Float64Array
  /** [time][modality]. */
  readonly observations: Float64Array
  /** [time]: the joint action that leads from it to the next; of the latest time 0 until the next step. */
  readonly actions: Float64Array
  /**
   * [factor][state], flat: the prior of the window's first time, before any of its observations. With
   * `matchPymdp` and the window full: that of the next one's.
   */
  readonly windowPrior: Float64Array

  /** [factor][state], flat: the prior of the window's first time in the last step. */
  readonly prior: Float64Array
  /** [modality]: room for the step's own observation. */
  readonly seen: Int32Array
  /** [policy][time][factor][state]: `window + policyLen` times each, of which the first `times` mean something. */
  readonly q: Float64Array
  /** Entries of `q` of one policy. */
  readonly stride: number
  /** Times in the window, and with the policy's future. */
  past: number
  times: number
  /** [policy]: the free energy that is taken off its log posterior; see window-free-energy.ts. */
  readonly F: Float64Array
  /** [policy]: its variational free energy of the window. The same as `F` but for `matchPymdp`. */
  readonly freeEnergy: Float64Array
  /** Expected log likelihood of what was seen at the time at hand, of one group; what the time adds to pymdp's F. */
  likelihood: number
  added: number

  /** Of the policy at hand, per time: where each factor's belief begins in `q`. */
  readonly at: readonly Int32Array[]
  /** Of the policy at hand, [time]: the joint action that leads from it to the next. */
  readonly jointAction: Uint32Array
  /** [factor][state], flat: the beliefs of the time at hand and of the next. */
  readonly here: Float64Array
  readonly next: Float64Array
  /** Per factor: what is heard of it, and which factors it moves. */
  readonly heard: readonly (readonly Heard[])[]
  readonly moved: readonly (readonly Moved[])[]
  /** Per modality and outcome: A's row, [joint state]. */
  readonly rows: readonly (readonly Float64Array[])[]
  /** Messages to the factor at hand, its log belief and how far that is off: [state] of the largest factor. */
  readonly fromSeen: Float64Array
  readonly fromPast: Float64Array
  readonly fromFuture: Float64Array
  readonly logBelief: Float64Array
  readonly error: Float64Array
  /** What comes back from one factor that the one at hand moves: [state] of the largest. */
  readonly wayBack: Float64Array
  /** Per factor: its new belief; the joint belief of its parents. */
  readonly update: readonly Float64Array[]
  readonly parentBelief: readonly Float64Array[]
  /** Room for the largest tensor of which axes are averaged out. */
  readonly tensor: Float64Array
  /** [row] of the largest factor: sums of the rows of the transition at hand. */
  readonly rowSums: Float64Array
  /** Per factor and own action, [row]: those of B; null where a row has other parents to be averaged out first. */
  readonly sumsOfB: readonly (readonly Float64Array[] | null)[]
}

/** A modality that depends on the factor, and what averages the others out of a row of its A. */
export interface Heard {
  readonly modality: number
  readonly contractions: readonly Contraction[]
}

/** A factor whose next state depends on this one, and what averages its other parents out of its B. */
export interface Moved {
  readonly factor: number
  readonly contractions: readonly Contraction[]
  /** States of this one: columns of what is left. */
  readonly columns: number
}

/** Null where beliefs are not by message passing. `state` is that of the row at hand. */
export function makeMessagePassing(model: CompiledModel, state: Float64Array): MessagePassing | null {
  const { A, B, groups, numObs, numStates, options, parents, policies, policyLen, states } = model
  if (options.inference !== 'messagePassing') return null
  const times = options.window + policyLen
  const at = Array.from({ length: times }, () => new Int32Array(numStates.length))
  const widest = () => new Float64Array(Math.max(...numStates))
  return {
    ...windowIn(model, state),
    prior: new Float64Array(states),
    seen: new Int32Array(numObs.length),
    q: new Float64Array(policies * times * states),
    stride: times * states,
    past: 0,
    times: 0,
    F: new Float64Array(policies),
    freeEnergy: new Float64Array(policies),
    likelihood: 0,
    added: 0,
    at,
    jointAction: new Uint32Array(times),
    here: new Float64Array(states),
    next: new Float64Array(states),
    heard: numStates.map((_, f) => heardOf(model, f)),
    moved: numStates.map((_, f) => movedBy(model, f)),
    rows: A.map((matrix, m) => {
      const size = matrix.length / numObs[m]
      return Array.from({ length: numObs[m] }, (_, o) => matrix.subarray(o * size, (o + 1) * size))
    }),
    fromSeen: widest(),
    fromPast: widest(),
    fromFuture: widest(),
    logBelief: widest(),
    error: widest(),
    wayBack: widest(),
    update: numStates.map((length) => new Float64Array(length)),
    parentBelief: parents.map(({ size }) => new Float64Array(size)),
    tensor: new Float64Array(
      Math.max(...groups.map(({ size }) => size), ...B.map(([first]) => first.length)),
    ),
    rowSums: widest(),
    sumsOfB: numStates.map((_, f) => sumsOf(model, f)),
  }
}

function windowIn(
  model: CompiledModel,
  state: Float64Array,
): Pick<MessagePassing, 'length' | 'observations' | 'actions' | 'windowPrior'> {
  // One section a factor, one after the other.
  const { byteOffset } = sectionOf(model, state, 'windowPrior')
  return {
    length: sectionOf(model, state, 'windowLength'),
    observations: sectionOf(model, state, 'windowObservations'),
    actions: sectionOf(model, state, 'windowActions'),
    windowPrior: new Float64Array(state.buffer, byteOffset, model.states),
  }
}

/** In the order of modalities: sums are taken in it. */
function heardOf({ groups }: CompiledModel, f: number): Heard[] {
  return groups
    .flatMap(({ messages, modalities }) =>
      messages
        .filter(({ factor }) => factor === f)
        .flatMap(({ contractions: plan }) =>
          modalities.map((modality) => ({ modality, contractions: plan })),
        ),
    )
    .toSorted((a, b) => a.modality - b.modality)
}

function movedBy({ numStates, parents, stateAt }: CompiledModel, f: number): Moved[] {
  return parents.flatMap((axes, factor) => {
    const kept = axes.factors.indexOf(f)
    if (kept < 0) return []
    const plan = contractions(axes, kept, stateAt)
    const ofAllRows = plan.map((one) => ({ ...one, outer: one.outer * numStates[factor] }))
    return [{ factor, contractions: ofAllRows, columns: numStates[f] }]
  })
}

/** Null where the factor depends on other factors than one. */
function sumsOf({ B, numStates, parents }: CompiledModel, f: number): Float64Array[] | null {
  if (parents[f].factors.length !== 1) return null
  return B[f].map((matrix) => {
    const sums = new Float64Array(numStates[f])
    sumRows(matrix, numStates[f], parents[f].size, sums)
    return sums
  })
}

/** `sumsOfB` of what the agent learns: its B is another one in every step. */
export function sumLearnedRows(mind: CompiledModel, { sumsOfB }: MessagePassing): void {
  const learned = mind.options.learning.B
  if (learned === undefined) return
  for (let i = 0; i < learned.only.length; i++) {
    const f = learned.only[i]
    const sums = sumsOfB[f]
    if (sums === null) continue
    for (let a = 0; a < sums.length; a++)
      sumRows(mind.B[f][a], mind.numStates[f], mind.parents[f].size, sums[a])
  }
}

/** out[row] = Σ (matrix[row] + 1e-16), pymdp's stabiliser under a sum of transitions. */
export function sumRows(matrix: Float64Array, rows: number, columns: number, out: Float64Array): void {
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let i = row * columns; i < (row + 1) * columns; i++) sum += matrix[i] + EPS
    out[row] = sum
  }
}
