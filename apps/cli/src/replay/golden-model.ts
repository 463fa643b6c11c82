// A golden model in our own words: its matrices by our names, its configuration as our options.
import type { Learning, Model, ModelOptions, Tensor } from '@cohort/contracts'
import type { AgentFile, GoldenConfig, GoldenModel } from './golden-file.js'
import { normalised } from './normalised.js'

type Golden = Pick<AgentFile, 'model' | 'config' | 'call_order'>

/**
 * Where a model holds counts, pymdp begins with those normalised, whatever A and B say: so does the model that
 * this returns, and it keeps those that are learned or read. `alpha` stays behind, since no choice is drawn.
 */
export function modelOf({ model, config, call_order }: Golden): Model {
  const { C, D, E, H, pA, pB, pD, A_factor_list, B_factor_list } = model
  const learning = learningOf(config, call_order)
  const gain = config.use_param_info_gain
  return {
    A: countedFirst(model.A, pA),
    B: countedFirst(model.B, pB),
    ...(C === null ? {} : { C }),
    ...(D === null ? {} : { D }),
    ...(E === null ? {} : { E }),
    ...(H === null ? {} : { H }),
    ...(pA === null || !(learning?.A ?? gain) ? {} : { pA }),
    ...(pB === null || !(learning?.B ?? gain) ? {} : { pB }),
    ...(pD === null || !learning?.D ? {} : { pD }),
    ...(A_factor_list === null ? {} : { A_dependencies: A_factor_list }),
    ...(B_factor_list === null ? {} : { B_dependencies: B_factor_list }),
    options: {
      useUtility: config.use_utility,
      useStatesInfoGain: config.use_states_info_gain,
      useParamInfoGain: gain,
      actionSelection: config.action_selection,
      samplingMode: config.sampling_mode,
      matchPymdp: departs(model, config),
      ...inferenceOf(config),
      ...planningOf(config),
      ...(H === null ? {} : { inductiveDepth: config.ii_depth, inductiveThreshold: config.ii_threshold }),
      ...(learning === undefined ? {} : { learning }),
    },
  }
}

/** Where pymdp computes something else than its sources say: everywhere else our defaults must give its numbers. */
const departs = ({ H, pA, pB }: GoldenModel, { inference_algo }: GoldenConfig): boolean =>
  inference_algo === 'MMP' || H !== null || pA !== null || pB !== null

function inferenceOf({ inference_algo, inference_horizon, inference_params }: GoldenConfig): ModelOptions {
  const { num_iter, dF, dF_tol, compute_vfe, grad_descent, tau } = inference_params
  if (inference_algo === 'MMP') {
    return {
      inference: 'messagePassing',
      window: inference_horizon,
      numIter: num_iter,
      ...(grad_descent === undefined ? {} : { gradientDescent: grad_descent }),
      ...(tau === undefined ? {} : { tau }),
    }
  }
  return {
    numIter: num_iter,
    ...(dF === undefined ? {} : { dF }),
    ...(dF_tol === undefined ? {} : { dFTol: dF_tol }),
    ...(compute_vfe === undefined ? {} : { computeVfe: compute_vfe }),
  }
}

/** pymdp's sophisticated inference knows neither gamma nor E. */
function planningOf(config: GoldenConfig): ModelOptions {
  if (!config.sophisticated) return { policyLen: config.policy_len, gamma: config.gamma }
  return {
    planning: 'sophisticated',
    gamma: 1,
    horizon: config.si_horizon,
    policyPruneThreshold: config.si_policy_prune_threshold,
    outcomePruneThreshold: config.si_state_prune_threshold,
    prunePenalty: config.si_prune_penalty,
  }
}

/** What the calls of a step update; undefined where they update nothing. */
function learningOf(config: GoldenConfig, calls: readonly string[]): Learning | undefined {
  const updates = calls.filter((call) => call.startsWith('update_'))
  const [first] = updates
  if (first === undefined) return undefined
  const only = (list: number[] | 'all') => (list === 'all' ? {} : { only: list })
  const { modalities_to_learn, factors_to_learn, lr_pA, lr_pB, lr_pD } = config
  const early = calls.indexOf(first) < calls.indexOf('infer_policies')
  return {
    ...(updates.includes('update_A') ? { A: { rate: lr_pA, ...only(modalities_to_learn) } } : {}),
    ...(updates.includes('update_B') ? { B: { rate: lr_pB, ...only(factors_to_learn) } } : {}),
    ...(updates.includes('update_D') ? { D: { rate: lr_pD, ...only(factors_to_learn) } } : {}),
    when: early ? 'beforePlanning' : 'afterAction',
  }
}

/** Each matrix, or where it has counts, those normalised. */
const countedFirst = (matrices: readonly Tensor[], counts: readonly (Tensor | null)[] | null): Tensor[] =>
  matrices.map((matrix, i) => {
    const own = counts?.[i] ?? null
    return own === null ? matrix : normalised(own)
  })
