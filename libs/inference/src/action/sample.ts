// Chooses the action: the best or a drawn one, for each control by itself or as one whole policy.
import { logOf, softmax } from '../math/log-exp.js'
import { type Stream, uniform } from '../math/random.js'
import type { Scratch } from '../scratch.js'

/** Weights so near to the best are as good: pymdp's `select_highest`. */
const TIE = 1e-8

/**
 * `scratch.agent.action` from `scratch.marginals` ("marginal") or `scratch.qPi` ("full"). Ties and draws take
 * their random numbers from the agent's own stream, one draw a control, so that the same step always acts the
 * same.
 */
export function sampleAction(scratch: Scratch): void {
  const { agent, marginals, mind, sharpenedMarginals } = scratch
  const { options, numControls } = mind
  const stochastic = options.actionSelection === 'stochastic'
  if (options.samplingMode === 'full') {
    agent.action = actionOfPolicy(scratch)
    return
  }
  let joint = 0
  for (let f = 0; f < marginals.length; f++) {
    if (stochastic) sharpen(marginals[f], options.alpha, sharpenedMarginals[f])
    const action = stochastic
      ? drawn(sharpenedMarginals[f], marginals[f], agent, f)
      : best(marginals[f], agent, f)
    scratch.margin[f] = lead(marginals[f], action)
    joint = joint * numControls[f] + action
  }
  agent.action = joint
}

/** The joint action of one whole policy: of the one that is followed, or of one chosen now. */
function actionOfPolicy(scratch: Scratch): number {
  const { agent, mind, qPi, sharpenedPolicies, plan } = scratch
  const { options, policyAction, policyLen } = mind
  const age = plan?.age[0] ?? 0
  if (plan !== null && age > 0) {
    scratch.margin.fill(lead(qPi, plan.policy[0]))
    return policyAction[plan.policy[0] * policyLen + age]
  }
  const stochastic = options.actionSelection === 'stochastic'
  if (stochastic) sharpen(qPi, options.alpha, sharpenedPolicies)
  const policy = stochastic ? drawn(sharpenedPolicies, qPi, agent, 0) : best(qPi, agent, 0)
  if (plan !== null) plan.policy[0] = policy
  scratch.margin.fill(lead(qPi, policy))
  return policyAction[policy * policyLen]
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

/** By how much what was chosen is ahead of the best of the others; negative where a draw chose a lesser one. */
function lead(weights: Float64Array, chosen: number): number {
  let other = 0
  for (let i = 0; i < weights.length; i++) if (i !== chosen && weights[i] > other) other = weights[i]
  return weights[chosen] - other
}

/** An index by lot, each with its probability; never one that has none in `p`, which the stabiliser would give some. */
function drawn(probabilities: Float64Array, p: Float64Array, stream: Stream, draw: number): number {
  let total = 0
  for (let i = 0; i < p.length; i++) if (p[i] > 0) total += probabilities[i]
  let left = uniform(stream, draw) * total
  let last = 0
  for (let i = 0; i < p.length; i++) {
    if (p[i] === 0 || probabilities[i] === 0) continue
    last = i
    left -= probabilities[i]
    if (left < 0) return i
  }
  // Rounding may leave a crumb: it belongs to the last that is possible.
  return last
}
