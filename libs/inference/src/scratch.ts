// Where a thread steps one agent after the other: every array that a step needs, made once per model.
import { makeMessagePassing, type MessagePassing } from './belief/message-scratch.js'
import { type Learner, makeLearner } from './learning/learner.js'
import type { CompiledModel } from './model/compiled.js'
import { type KeptPlan, makeKeptPlan } from './policy/kept-plan.js'
import type { Transition } from './policy/predicted-step.js'
import { makeNovelty, type Novelty } from './policy/novelty.js'
import { makePrecision, type Precision } from './policy/precision.js'
import { makeSearch, type Search } from './policy/search-memory.js'
import { makeWindowValue, type WindowValue } from './policy/window-memory.js'
import { entriesOf, rowSections } from './row/layout.js'
import { type SoundSection, soundSections } from './row/sound.js'
import { type SlotShape, slotShapeOf, TERMS } from './slot.js'

/** What a step reads and changes of an agent. */
export interface Agent {
  /** All f64 numbers of its row, in the order of `rowSections`. */
  readonly state: Float64Array
  /** [factor][state], flat: before the step the belief after the last one (or D), after it the new belief. */
  readonly beliefs: Float64Array
  /** [modality]: the outcome seen, `NOT_SEEN` or `SEEN_SOFTLY`. */
  readonly observation: Int32Array
  /** Per modality: what was seen softly, a distribution over its outcomes. */
  readonly soft: readonly Float64Array[]
  /** Low and high half. */
  readonly seed: Uint32Array
  /** Steps applied before this one. */
  step: number
  acted: boolean
  /** The last joint action; after the choice the chosen one. */
  action: number
}

export interface Scratch {
  readonly agent: Agent
  /** What must hold for its state. */
  readonly sound: readonly SoundSection[]
  /** Of its slots, without what only some jobs need. */
  readonly slotShape: SlotShape
  /** The model as this agent has it: what it learns is its own, all else is shared. */
  readonly mind: CompiledModel
  /** [factor][state], flat: the beliefs as they were before the step. */
  readonly before: Float64Array
  /** The last joint action before the step. */
  lastAction: number
  /** Per factor, views of `agent.beliefs`. */
  readonly qs: readonly Float64Array[]
  /** [factor][state], flat; per factor: the belief before the observation, and its logarithm. */
  readonly priors: Float64Array
  readonly prior: readonly Float64Array[]
  readonly logPrior: readonly Float64Array[]
  /** [factor][state], flat: 1 for a state that the prior allows, else 0. */
  readonly allowed: Float64Array
  /** Per group: log likelihood of what was seen, summed over its modalities. */
  readonly likelihood: readonly Float64Array[]
  /** Per factor: expected log likelihood of each of its states. */
  readonly messages: readonly Float64Array[]
  /** Expected log likelihood under all beliefs, of the last messages. */
  accuracy: number
  /** How far the beliefs are from the prior: Σ_f KL[q_f | prior_f]. */
  complexity: number
  readonly contracted: Float64Array
  /**
   * Sweeps of the last step, its free energy before the first and after each, and in the end (where wanted).
   */
  iterations: number
  readonly vfeTrace: Float64Array
  vfe: number
  wantVfe: boolean
  /** Per factor: the joint belief of its parents. Per group: that of its factors. */
  readonly parentBelief: readonly Float64Array[]
  readonly groupBelief: readonly Float64Array[]
  /** Per modality: the one of its group. */
  readonly groupBeliefOf: readonly Float64Array[]
  /** Per modality: a predicted outcome. */
  readonly qo: readonly Float64Array[]
  /** How much counts tell; per factor, the level of `reach` to aim at. */
  readonly novelty: Novelty
  readonly aim: Int32Array
  /**
   * Per depth of the policy tree: 0 the beliefs, deeper all predictions of the node above,
   * [factor][action][state].
   */
  readonly levels: readonly Float64Array[]
  /** Per depth: where each factor's belief of the node at hand begins. */
  readonly at: readonly Int32Array[]
  /** Per depth from 1: the node at hand, and its parent. */
  readonly nodes: readonly Transition[]
  /** Per depth, [term]: G's terms summed from the root to the node at hand. */
  readonly termsTo: readonly Float64Array[]
  /** [policy]. */
  readonly G: Float64Array
  readonly qPi: Float64Array
  /** [term][policy], where wanted: the parts of G, also those that the model's options leave out of it. */
  readonly terms: Float64Array
  wantTerms: boolean
  /** [policy]: logarithm of the evidence for each, from what was seen; 0 but for message passing. */
  readonly evidence: Float64Array
  /** Precision of the policy posterior in this step. */
  gamma: number
  /** Per control, [action]. */
  readonly marginals: readonly Float64Array[]
  /** What is drawn from where actions are stochastic: per control, and over policies. */
  readonly sharpenedMarginals: readonly Float64Array[]
  readonly sharpenedPolicies: Float64Array
  /** Per control: by how much the chosen action is ahead of the next. */
  readonly margin: Float64Array
  /** Bits: `NOTE_IMPOSSIBLE` and its siblings. */
  notes: number
  /** Null where nothing is learned; where beliefs are not by message passing; where planning is no search. */
  readonly learner: Learner | null
  readonly messagePassing: MessagePassing | null
  readonly windowValue: WindowValue | null
  /** Null where `gamma` is the model's. */
  readonly precision: Precision | null
  readonly search: Search | null
  /** What is kept of a plan; null where every step makes one. */
  readonly plan: KeptPlan | null
}

export function makeScratch(model: CompiledModel): Scratch {
  const { numStates, numControls, numObs, policyLen, policies, groups, parents } = model
  const state = new Float64Array(rowSections(model).reduce((sum, section) => sum + entriesOf(section), 0))
  const beliefs = state.subarray(0, model.states)
  const learner = makeLearner(model, state)
  const messagePassing = makeMessagePassing(learner?.mind ?? model, state)
  const priors = new Float64Array(model.states)
  const groupBelief = arrays(groups.map(({ size }) => size))
  const perFactor = (flat: Float64Array): Float64Array[] =>
    numStates.map((states, f) => flat.subarray(model.stateAt[f], model.stateAt[f] + states))
  const depths = Array.from({ length: policyLen }, (_, depth) => depth + 1)
  const levels = [beliefs, ...depths.map(() => new Float64Array(model.predictions))]
  const at = [model.stateAt, ...depths.map(() => new Int32Array(numStates.length))]
  return {
    agent: makeAgent(model, state, beliefs),
    sound: soundSections(model, state),
    slotShape: slotShapeOf(model),
    mind: learner?.mind ?? model,
    before: new Float64Array(model.states),
    lastAction: 0,
    qs: perFactor(beliefs),
    priors,
    prior: perFactor(priors),
    logPrior: arrays(numStates),
    allowed: new Float64Array(model.states),
    likelihood: arrays(groups.map(({ size }) => size)),
    messages: arrays(numStates),
    accuracy: 0,
    complexity: 0,
    contracted: new Float64Array(Math.max(...groups.map(({ size }) => size))),
    iterations: 0,
    vfeTrace: new Float64Array(model.options.numIter + 1),
    vfe: 0,
    wantVfe: false,
    parentBelief: arrays(parents.map(({ size }) => size)),
    groupBelief,
    groupBeliefOf: numObs.map(
      (_, m) => groupBelief[groups.findIndex(({ modalities }) => modalities.includes(m))],
    ),
    qo: arrays(numObs),
    novelty: makeNovelty(learner?.mind ?? model),
    aim: new Int32Array(numStates.length),
    levels,
    at,
    nodes: depths.map((depth) => nodeAt(depth, { levels, at })),
    termsTo: [0, ...depths].map(() => new Float64Array(TERMS.length)),
    G: new Float64Array(policies),
    qPi: new Float64Array(policies),
    terms: new Float64Array(TERMS.length * policies),
    wantTerms: false,
    evidence: new Float64Array(policies),
    gamma: model.options.gamma,
    marginals: arrays(numControls),
    sharpenedMarginals: arrays(numControls),
    sharpenedPolicies: new Float64Array(policies),
    margin: new Float64Array(numControls.length),
    notes: 0,
    learner,
    messagePassing,
    windowValue: makeWindowValue(model, messagePassing),
    precision: makePrecision(model, state),
    search: makeSearch(model),
    plan: makeKeptPlan(model, state),
  }
}

const nodeAt = (depth: number, { levels, at }: Pick<Scratch, 'levels' | 'at'>): Transition => ({
  beliefs: levels[depth],
  at: at[depth],
  t: depth - 1,
  from: levels[depth - 1],
  fromAt: at[depth - 1],
  action: 0,
})

const makeAgent = ({ numObs }: CompiledModel, state: Float64Array, beliefs: Float64Array): Agent => ({
  state,
  beliefs,
  observation: new Int32Array(numObs.length),
  soft: arrays(numObs),
  seed: new Uint32Array(2),
  step: 0,
  acted: false,
  action: 0,
})

const arrays = (lengths: readonly number[]): Float64Array[] =>
  lengths.map((length) => new Float64Array(length))
