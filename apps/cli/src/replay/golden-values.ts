// What came of a step by the names of golden files.
import type { LoneAgent, LoneStep } from '../lone-agent/lone-agent.js'
import { sharpened } from './sharpened.js'
import type { Values } from './golden-file.js'

/** `alpha`: the precision that a stochastic choice would have had. */
export function valuesOf(agent: LoneAgent, step: LoneStep, alpha: number): Values {
  const { pA, pB, pD, A, B, D } = agent.knowledge
  return {
    t: step.t,
    observation: step.observation,
    prior: step.prior,
    qs: step.beliefs,
    vfe: step.vfe,
    vfe_trace: step.vfeTrace,
    n_iter: step.iterations,
    policies: agent.policies,
    G: step.G,
    G_terms: termsOf(step),
    q_pi: step.qPi,
    action_marginals: step.marginals,
    action_margin: Math.min(...step.margin),
    action_probs_stochastic: step.marginals.map((marginal) => sharpened(marginal, alpha)),
    policy_probs_stochastic: sharpened(step.qPi, alpha),
    action: step.action,
    pA,
    pB,
    pD,
    A,
    B,
    D,
    ...messagesOf(agent),
  }
}

/** Message passing: the beliefs of each policy about the window and its future, from the window's first time on. */
function messagesOf({ model, scratch: { messagePassing } }: LoneAgent): Values {
  if (messagePassing === null) return {}
  const { prior, q, times, F } = messagePassing
  const { numStates, options, policyLen, stateAt, states } = model
  const beliefsAt = (flat: Float64Array, from: number) =>
    numStates.map((length, f) => [
      ...flat.subarray(from + (stateAt[f] ?? 0), from + (stateAt[f] ?? 0) + length),
    ])
  const timesAt = (policy: number) =>
    Array.from({ length: times }, (_, t) =>
      beliefsAt(q, (policy * (options.window + policyLen) + t) * states),
    )
  return { prior: beliefsAt(prior, 0), qs: [...F].map((_, policy) => timesAt(policy)), F_pi: [...F] }
}

const termsOf = ({ terms }: LoneStep): Values => ({
  utility: terms.utility,
  states_info_gain: terms.statesInfoGain,
  pA_info_gain: terms.paramInfoGainA,
  pB_info_gain: terms.paramInfoGainB,
  inductive: terms.inductive,
})
