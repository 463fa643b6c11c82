// From G to what to do: the posterior over policies, and over each factor's next action.
import { softmax } from '../math/log-exp.js'
import type { CompiledModel } from '../model/compiled.js'
import type { Scratch } from '../scratch.js'

/**
 * `scratch.qPi` = softmax(γ·G + evidence + ln E). The evidence for a policy is 0 but for message passing, whose
 * beliefs about the past differ from policy to policy.
 */
export function policyPosterior({ logE }: CompiledModel, { G, qPi, evidence, gamma }: Scratch): void {
  for (let policy = 0; policy < qPi.length; policy++)
    qPi[policy] = gamma * G[policy] + logE[policy] + evidence[policy]
  softmax(qPi)
}

/**
 * `scratch.marginals[c][a]`: q_pi of all policies whose `t`-th joint action has action a of control c,
 * normalised.
 */
export function actionMarginals(
  { policyAction, policyLen, jointActions }: CompiledModel,
  { qPi, marginals, plan }: Scratch,
): void {
  const controls = marginals.length
  const t = plan?.age[0] ?? 0
  for (const marginal of marginals) marginal.fill(0)
  for (let policy = 0; policy < qPi.length; policy++) {
    const at = policyAction[policy * policyLen + t] * controls
    for (let c = 0; c < controls; c++) marginals[c][jointActions[at + c]] += qPi[policy]
  }
  for (const marginal of marginals) normalise(marginal)
}

function normalise(weights: Float64Array): void {
  let total = 0
  for (let i = 0; i < weights.length; i++) total += weights[i]
  for (let i = 0; i < weights.length; i++) weights[i] /= total
}
