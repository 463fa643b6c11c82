// From G to what to do: the posterior over policies, and over each factor's next action.
import { normaliseColumns } from '../math/columns.js'
import { softmax } from '../math/log-exp.js'
import type { Scratch } from '../scratch.js'

/**
 * `scratch.qPi` = softmax(γ·G + evidence + ln E). The evidence for a policy is 0 but for message passing, whose
 * beliefs about the past differ from policy to policy.
 */
export function policyPosterior({ mind, G, qPi, evidence, gamma }: Scratch): void {
  const { logE } = mind
  for (let policy = 0; policy < qPi.length; policy++)
    qPi[policy] = gamma * G[policy] + logE[policy] + evidence[policy]
  softmax(qPi)
}

/**
 * `scratch.marginals[c][a]`: q_pi of all policies whose `t`-th joint action has action a of control c,
 * normalised.
 */
export function actionMarginals({ mind, qPi, marginals, plan }: Scratch): void {
  const { policyAction, policyLen, jointActions } = mind
  const controls = marginals.length
  const t = plan?.age[0] ?? 0
  for (let c = 0; c < controls; c++) marginals[c].fill(0)
  for (let policy = 0; policy < qPi.length; policy++) {
    const at = policyAction[policy * policyLen + t] * controls
    for (let c = 0; c < controls; c++) marginals[c][jointActions[at + c]] += qPi[policy]
  }
  for (let c = 0; c < controls; c++) normaliseColumns(marginals[c], marginals[c].length, marginals[c])
}
