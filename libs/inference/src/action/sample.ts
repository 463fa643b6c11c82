// Chooses the action: the best or a drawn one, for each factor by itself or as one whole policy.
import { logOf, softmax } from '../math/log-exp.js'
import { type Stream, uniform } from '../math/random.js'
import type { CompiledModel } from '../model/compiled.js'
import type { Scratch } from '../scratch.js'

/** Weights so near to the best are as good: pymdp's `select_highest`. */
const TIE = 1e-8

/**
 * `scratch.agent.action` from `scratch.marginals` ("marginal") or `scratch.qPi` ("full"). Ties and draws take
 * their random numbers from the agent's own stream, one draw a factor, so that the same step always acts the
 * same.
 */
export function sampleAction({ options, numControls, firstAction }: CompiledModel, scratch: Scratch): void {
  const { agent, marginals, qPi, sharpenedMarginals, sharpenedPolicies } = scratch
  const stochastic = options.actionSelection === 'stochastic'
  if (options.samplingMode === 'full') {
    if (stochastic) sharpen(qPi, options.alpha, sharpenedPolicies)
    agent.action = firstAction[stochastic ? drawn(sharpenedPolicies, agent, 0) : best(qPi, agent, 0)]
    return
  }
  let joint = 0
  for (let f = 0; f < marginals.length; f++) {
    if (stochastic) sharpen(marginals[f], options.alpha, sharpenedMarginals[f])
    const action = stochastic ? drawn(sharpenedMarginals[f], agent, f) : best(marginals[f], agent, f)
    joint = joint * numControls[f] + action
  }
  agent.action = joint
}

/** out = softmax(α ln p): what a stochastic choice with precision α draws from. */
export function sharpen(p: Float64Array, alpha: number, out: Float64Array): void {
  for (let i = 0; i < p.length; i++) out[i] = alpha * logOf(p[i])
  softmax(out)
}

/** The index of the greatest weight; one of them by lot where several are within `TIE` of it. */
function best(weights: Float64Array, stream: Stream, draw: number): number {
  let most = -Infinity
  for (let i = 0; i < weights.length; i++) most = Math.max(most, weights[i])
  let ties = 0
  for (let i = 0; i < weights.length; i++) if (most - weights[i] <= TIE) ties++
  let skip = ties === 1 ? 0 : Math.floor(uniform(stream, draw) * ties)
  for (let i = 0; i < weights.length; i++) if (most - weights[i] <= TIE && skip-- === 0) return i
  return 0
}

/** An index by lot, each with its probability. */
function drawn(probabilities: Float64Array, stream: Stream, draw: number): number {
  let left = uniform(stream, draw)
  let last = 0
  for (let i = 0; i < probabilities.length; i++) {
    if (probabilities[i] === 0) continue
    last = i
    left -= probabilities[i]
    if (left < 0) return i
  }
  // Rounding may leave a crumb: it belongs to the last that is possible.
  return last
}
