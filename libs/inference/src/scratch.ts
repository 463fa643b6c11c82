// Where a thread steps one agent after the other: every array that a step needs, made once per model.
import type { CompiledModel } from './model/compiled.js'

/** What a step reads and changes of an agent. */
export interface Agent {
  /** [factor][state], flat: before the step the belief after the last one (or D), after it the new belief. */
  readonly beliefs: Float64Array
  /** [modality]: the outcome seen, −1 for none. */
  readonly observation: Int32Array
  /** Low and high half. */
  readonly seed: Uint32Array
  /** Steps applied before this one. */
  step: number
  acted: boolean
  /** The last joint action; after the step the chosen one. */
  action: number
}

/** The parts of G, which the answer of a step does not hold; made for those who explain or check one. */
export interface ValueTerms {
  /** [policy]; also where the model's options leave the term out of G. */
  readonly utility: Float64Array
  readonly statesInfoGain: Float64Array
}

export interface Scratch {
  readonly agent: Agent
  /** Per factor, views of `agent.beliefs`. */
  readonly qs: readonly Float64Array[]
  /** Per factor: the belief before the observation, and its logarithm. */
  readonly prior: readonly Float64Array[]
  readonly logPrior: readonly Float64Array[]
  /** Per group: log likelihood of what was seen, summed over its modalities. */
  readonly likelihood: readonly Float64Array[]
  /** Per factor: expected log likelihood of each of its states. */
  readonly messages: readonly Float64Array[]
  /** Expected log likelihood under all beliefs, of the last messages. */
  accuracy: number
  readonly contracted: Float64Array
  /**
   * Sweeps of the last step, its free energy before the first and after each, and in the end (where wanted).
   */
  iterations: number
  readonly vfeTrace: Float64Array
  vfe: number
  /** Per factor: the joint belief of its parents. Per group: that of its factors. */
  readonly parentBelief: readonly Float64Array[]
  readonly groupBelief: readonly Float64Array[]
  /** Per modality: a predicted outcome. */
  readonly qo: readonly Float64Array[]
  /**
   * Per depth of the policy tree: 0 the beliefs, deeper all predictions of the node above,
   * [factor][action][state].
   */
  readonly levels: readonly Float64Array[]
  /** Per depth: where each factor's belief of the node at hand begins. */
  readonly at: readonly Int32Array[]
  /** Per depth: G's terms summed from the root to the node at hand. */
  readonly utilityTo: Float64Array
  readonly gainTo: Float64Array
  /** [policy]. */
  readonly G: Float64Array
  readonly qPi: Float64Array
  readonly terms: ValueTerms | null
  /** Per factor, [action]. */
  readonly marginals: readonly Float64Array[]
  /** What is drawn from where actions are stochastic: per factor, and over policies. */
  readonly sharpenedMarginals: readonly Float64Array[]
  readonly sharpenedPolicies: Float64Array
}

/** With `terms`, a step also keeps the parts of G of each policy, both of them, whatever the options. */
export function makeScratch(model: CompiledModel, { terms = false }: { terms?: boolean } = {}): Scratch {
  const { numStates, numControls, numObs, policyLen, groups, parents } = model
  const policies = model.logE.length
  const beliefs = new Float64Array(model.states)
  const depths = Array.from({ length: policyLen }, (_, depth) => depth + 1)
  return {
    agent: {
      beliefs,
      observation: new Int32Array(numObs.length),
      seed: new Uint32Array(2),
      step: 0,
      acted: false,
      action: 0,
    },
    qs: numStates.map((states, f) => beliefs.subarray(model.stateAt[f], model.stateAt[f] + states)),
    prior: arrays(numStates),
    logPrior: arrays(numStates),
    likelihood: arrays(groups.map(({ size }) => size)),
    messages: arrays(numStates),
    accuracy: 0,
    contracted: new Float64Array(Math.max(...groups.map(({ size }) => size))),
    iterations: 0,
    vfeTrace: new Float64Array(model.options.numIter + 1),
    vfe: 0,
    parentBelief: arrays(parents.map(({ size }) => size)),
    groupBelief: arrays(groups.map(({ size }) => size)),
    qo: arrays(numObs),
    levels: [beliefs, ...depths.map(() => new Float64Array(model.predictions))],
    at: [model.stateAt, ...depths.map(() => new Int32Array(numStates.length))],
    utilityTo: new Float64Array(policyLen + 1),
    gainTo: new Float64Array(policyLen + 1),
    G: new Float64Array(policies),
    qPi: new Float64Array(policies),
    terms: terms ? { utility: new Float64Array(policies), statesInfoGain: new Float64Array(policies) } : null,
    marginals: arrays(numControls),
    sharpenedMarginals: arrays(numControls),
    sharpenedPolicies: new Float64Array(policies),
  }
}

const arrays = (lengths: readonly number[]): Float64Array[] =>
  lengths.map((length) => new Float64Array(length))
