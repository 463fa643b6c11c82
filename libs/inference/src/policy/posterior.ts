// From G to what to do: the posterior over policies, and over each factor's next action.
import { softmax } from '../math/log-exp.js'
import type { CompiledModel } from '../model/compiled.js'
import type { Scratch } from '../scratch.js'

/**
 * `scratch.qPi` = softmax(γ·G + ln E), or softmax(γ·G − F + ln E) where each policy has a free energy of its
 * own past (pymdp's `update_posterior_policies_full`, whose sign of F this is).
 */
export function policyPosterior(
  { logE, options }: CompiledModel,
  { G, qPi }: Scratch,
  F?: Float64Array,
): void {
  for (let policy = 0; policy < qPi.length; policy++) {
    qPi[policy] = options.gamma * G[policy] + logE[policy] - (F === undefined ? 0 : F[policy])
  }
  softmax(qPi)
}

/** `scratch.marginals[f][a]`: q_pi of all policies that begin with action a of factor f, normalised. */
export function actionMarginals(
  { firstAction, jointActions }: CompiledModel,
  { qPi, marginals }: Scratch,
): void {
  const factors = marginals.length
  for (const marginal of marginals) marginal.fill(0)
  for (let policy = 0; policy < qPi.length; policy++) {
    const first = firstAction[policy] * factors
    for (let f = 0; f < factors; f++) marginals[f][jointActions[first + f]] += qPi[policy]
  }
  for (const marginal of marginals) normalise(marginal)
}

function normalise(weights: Float64Array): void {
  let total = 0
  for (let i = 0; i < weights.length; i++) total += weights[i]
  for (let i = 0; i < weights.length; i++) weights[i] /= total
}
