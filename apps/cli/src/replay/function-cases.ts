// Golden files of single functions: each input made into the smallest model in which the kernel computes it.
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import {
  actionMarginals,
  compileModel,
  makeScratch,
  mapModel,
  policyActions,
  policyPosterior,
  validateModel,
} from '@cohort/inference'
import type { Values } from './golden-file.js'
import { LoneAgent, sharpened } from './lone-agent.js'

/** Output of one case from its input. */
type Compute = (input: never) => Values

/** By the name of the file. */
export const FUNCTIONS: Readonly<Record<string, Compute>> = { fn_fpi: inferStates, fn_policy: choosePolicy }

/** Why the other functions are not replayed. */
export const UNBUILT_FUNCTIONS: Readonly<Record<string, string>> = {
  fn_efe: 'parameter information gain (pA, pB) is not built',
  fn_learning: 'learning (pA, pB, pD) is not built',
  fn_mmp: 'marginal message passing (MMP) is not built',
}

interface FixedPointInput {
  readonly A: Model['A']
  readonly A_factor_list: number[][]
  readonly num_states: number[]
  readonly observation: number[]
  readonly prior: NonNullable<Model['D']> | null
  readonly num_iter: number
  readonly dF: number
  readonly dF_tol: number
  readonly compute_vfe: boolean
}

/** Fixed-point inference alone: the first step of an agent whose D is the prior, without a choice. */
function inferStates(input: FixedPointInput): Values {
  const agent = new LoneAgent({
    A: input.A,
    B: input.num_states.map(staying),
    A_dependencies: input.A_factor_list,
    ...(input.prior === null ? {} : { D: input.prior }),
    options: { numIter: input.num_iter, dF: input.dF, dFTol: input.dF_tol, computeVfe: input.compute_vfe },
  })
  return agent.step(input.observation)
}

/** B[next][previous][action] of a factor that stays as it is, whatever the one action. */
const staying = (states: number): number[][][] =>
  Array.from({ length: states }, (_, next) =>
    Array.from({ length: states }, (_, previous) => [next === previous ? 1 : 0]),
  )

interface PolicyInput {
  readonly G: number[]
  readonly E: number[]
  readonly F: number[] | null
  readonly gamma: number
  readonly alpha: number
  readonly policies: number[][][]
}

/** Policy posterior and action marginals alone: a model that knows only policies, E, gamma and alpha. */
function choosePolicy({ G, E, F, gamma, alpha, policies }: PolicyInput): Values {
  const actions = (policies[0]?.[0] ?? []).map(
    (_, f) => 1 + Math.max(...policies.flat().map((step) => step[f] ?? 0)),
  )
  const options = { policyLen: policies[0]?.length ?? 1, gamma, alpha }
  const B = actions.map((count) => [[Array<number>(count).fill(1)]])
  const A = [[[1]]]
  const valid = validateModel({ A, B, A_dependencies: [[0]], E, options }, DEFAULT_LIMITS)
  const model = mapModel(compileModel(valid).buffer, 0)
  const scratch = makeScratch(model)
  scratch.G.set(G)
  policyPosterior(model, scratch, F === null ? undefined : Float64Array.from(F))
  actionMarginals(model, scratch)
  return {
    policies: policies.map((_, policy) => policyActions(model, policy)),
    q_pi: [...scratch.qPi],
    action_marginals: scratch.marginals.map((marginal) => [...marginal]),
    action_probs_stochastic: scratch.marginals.map((marginal) => sharpened(marginal, alpha)),
    policy_probs_stochastic: sharpened(scratch.qPi, alpha),
  }
}
