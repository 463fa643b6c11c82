// Precision of the policy posterior, kept and updated by each agent.
import { CohortError } from '@cohort/contracts'
import { softmax } from '../math/log-exp.js'
import type { CompiledModel } from '../model/compiled.js'
import { sectionOf } from '../row/layout.js'

/** Updates a step: SPM's number of variational iterations. */
const ITERATIONS = 16

export interface Precision {
  /** View of the agent's row, [1]: rate of the Gamma belief about the precision γ, whose expectation is 1/β. */
  readonly beta: Float64Array
  /** [policy]: beliefs about policies with and without what the past says. */
  readonly posterior: Float64Array
  readonly prior: Float64Array
}

/** What an update reads and changes of a scratch. */
interface Weighed {
  readonly precision: Precision | null
  readonly mind: CompiledModel
  readonly G: Float64Array
  readonly evidence: Float64Array
  gamma: number
}

/** Null where the precision is the model's. */
export function makePrecision(model: CompiledModel, state: Float64Array): Precision | null {
  if (!model.options.updateGamma) return null
  return {
    beta: sectionOf(model, state, 'beta'),
    posterior: new Float64Array(model.policies),
    prior: new Float64Array(model.policies),
  }
}

/**
 * `scratch.gamma` and the β in the row, from where the last step left them; 16 times:
 *
 *     qu = softmax(γ·G + ln E + evidence)      pu = softmax(γ·G + ln E)
 *     β ← β − ½ (β − β₀ + (qu − pu) · G)       γ = 1/β,  β₀ = 1/options.gamma
 *
 * SPM's `spm_MDP_VB_X`, "policies and precision"; Friston et al., "Active inference: a process theory", Neural
 * Computation 29(1), 2017. Where the past speaks for the policies that promise more, γ rises. SPM takes the step
 * as it is, and β may fall below 0, where no precision belongs to it. Here one update at most halves it: there is
 * always a positive β at which the update stands still, for as γ grows qu and pu agree on the best policy.
 */
export function updateGamma(scratch: Weighed): void {
  const { precision, mind } = scratch
  if (precision === null) throw new CohortError('internal', 'a precision is updated that no row holds')
  const { beta } = precision
  const before = 1 / mind.options.gamma
  for (let i = 0; i < ITERATIONS; i++) {
    const change = (beta[0] - before + surprise(scratch, precision, 1 / beta[0])) / 2
    beta[0] = Math.max(beta[0] - change, beta[0] / 2)
  }
  scratch.gamma = 1 / beta[0]
}

/** (qu − pu) · G */
function surprise({ G, evidence, mind }: Weighed, { posterior, prior }: Precision, gamma: number): number {
  for (let policy = 0; policy < G.length; policy++) {
    prior[policy] = gamma * G[policy] + mind.logE[policy]
    posterior[policy] = prior[policy] + evidence[policy]
  }
  softmax(prior)
  softmax(posterior)
  let sum = 0
  for (let policy = 0; policy < G.length; policy++) sum += (posterior[policy] - prior[policy]) * G[policy]
  return sum
}
