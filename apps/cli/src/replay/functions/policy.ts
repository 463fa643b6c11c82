// Policy posterior and action marginals alone: a model that knows only policies, E and gamma.
import { makeScratch } from '@cohort/inference'
import { actionMarginals, policyActions, policyPosterior } from '@cohort/inference/parts'
import type { Values } from '../golden-file.js'
import { sharpened } from '../sharpened.js'
import { compiled } from './compiled.js'

interface PolicyInput {
  readonly G: number[]
  readonly E: number[]
  readonly F: number[] | null
  readonly gamma: number
  readonly alpha: number
  readonly policies: number[][][]
}

export function choosePolicy({ G, E, F, gamma, alpha, policies }: PolicyInput): Values {
  const actions = (policies[0]?.[0] ?? []).map(
    (_, f) => 1 + Math.max(...policies.flat().map((step) => step[f] ?? 0)),
  )
  const B = actions.map((count) => [[Array<number>(count).fill(1)]])
  const options = { policyLen: policies[0]?.length ?? 1, gamma }
  const model = compiled({ A: [[[1]]], B, A_dependencies: [[0]], E, options })
  const scratch = makeScratch(model)
  scratch.G.set(G)
  scratch.evidence.set(F?.map((f) => -f) ?? [])
  policyPosterior(scratch)
  actionMarginals(scratch)
  const marginals = scratch.marginals.map((marginal) => [...marginal])
  return {
    policies: policies.map((_, policy) => policyActions(model, policy)),
    q_pi: [...scratch.qPi],
    action_marginals: marginals,
    action_probs_stochastic: marginals.map((marginal) => sharpened(marginal, alpha)),
    policy_probs_stochastic: sharpened([...scratch.qPi], alpha),
  }
}
