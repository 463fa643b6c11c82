// What message passing needs beside the scratch: the agent's window, in its row, and every policy's beliefs.
import { type Contraction, contractions } from '../math/tensor.js'
import type { CompiledModel } from '../model/compiled.js'
import { sectionOf } from '../row-layout.js'
import { TERMS } from '../slot.js'

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
  /** Times in the window, and with the policy's future. */
  past: number
  times: number
  /** [policy]: the free energy that is taken off its log posterior; see window-free-energy.ts. */
  readonly F: Float64Array
  /** [policy]: its variational free energy of the window. The same as `F` but for `matchPymdp`. */
  readonly freeEnergy: Float64Array

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
  /** Per factor: its new belief, and before that a message to it; the joint belief of its parents. */
  readonly update: readonly Float64Array[]
  readonly parentBelief: readonly Float64Array[]
  /** Room for the largest tensor of which axes are averaged out. */
  readonly tensor: Float64Array
  /** A predicted time of the policy at hand, and its terms of G. */
  readonly node: NodeAtHand
  readonly terms: Float64Array
  /** Whether some factor has goals. */
  readonly aims: boolean
}

/** A `Transition` of policy/node-value.ts. */
interface NodeAtHand {
  readonly beliefs: Float64Array
  at: Int32Array
  t: number
  readonly from: Float64Array
  fromAt: Int32Array
  action: number
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
}

/** Null where beliefs are not by message passing. `state` is that of the row at hand. */
export function makeMessagePassing(model: CompiledModel, state: Float64Array): MessagePassing | null {
  const { A, B, goals, groups, numObs, numStates, options, parents, policies, policyLen, states } = model
  if (options.inference !== 'messagePassing') return null
  const times = options.window + policyLen
  const q = new Float64Array(policies * times * states)
  const at = Array.from({ length: times }, () => new Int32Array(numStates.length))
  const widest = () => new Float64Array(Math.max(...numStates))
  return {
    ...windowIn(model, state),
    prior: new Float64Array(states),
    seen: new Int32Array(numObs.length),
    q,
    past: 0,
    times: 0,
    F: new Float64Array(policies),
    freeEnergy: new Float64Array(policies),
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
    update: numStates.map((length) => new Float64Array(length)),
    parentBelief: parents.map(({ size }) => new Float64Array(size)),
    tensor: new Float64Array(
      Math.max(...groups.map(({ size }) => size), ...B.map(([first]) => first.length)),
    ),
    node: { beliefs: q, at: at[0], t: 0, from: q, fromAt: at[0], action: 0 },
    terms: new Float64Array(TERMS.length),
    aims: goals.includes(true),
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
    return [{ factor, contractions: plan.map((one) => ({ ...one, outer: one.outer * numStates[factor] })) }]
  })
}
