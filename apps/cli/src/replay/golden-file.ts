// A golden file: what another implementation computed. Read here, and told apart from what is not built.
import { readFile } from 'node:fs/promises'
import { CohortError, type Model } from '@cohort/contracts'

/** Values by the names in golden files; what a step or case holds is compared, what it lacks is not. */
export type Values = Readonly<Record<string, unknown>>

/** One agent's run: a model and its steps. */
export interface AgentFile {
  readonly kind: 'agent'
  readonly name: string
  readonly model: GoldenModel
  readonly config: GoldenConfig
  readonly steps: readonly (Values & { readonly observation: number[]; readonly action: number[] })[]
}

/** One function, called again and again. */
export interface FunctionFile {
  readonly kind: 'function'
  readonly name: string
  readonly cases: readonly { readonly label: string; readonly input: Values; readonly output: Values }[]
}

export interface GoldenModel {
  readonly A: Model['A']
  readonly B: Model['B']
  readonly C: NonNullable<Model['C']> | null
  readonly D: NonNullable<Model['D']> | null
  readonly E: NonNullable<Model['E']> | null
  readonly A_factor_list: number[][] | null
  readonly B_factor_list: number[][] | null
  readonly H?: unknown
  readonly pA?: unknown
  readonly pB?: unknown
  readonly pD?: unknown
}

export interface GoldenConfig {
  readonly inference_algo: string
  readonly policy_len: number
  readonly gamma: number
  readonly alpha: number
  readonly use_utility: boolean
  readonly use_states_info_gain: boolean
  readonly use_param_info_gain: boolean
  readonly action_selection: 'deterministic' | 'stochastic'
  readonly sampling_mode: 'marginal' | 'full'
  readonly sophisticated: boolean
  readonly inference_params: {
    readonly num_iter: number
    readonly dF: number
    readonly dF_tol: number
    readonly compute_vfe: boolean
  }
}

/** Throws `usage` where it is not readable JSON; undefined where it is no golden file. */
export async function readGoldenFile(path: string): Promise<AgentFile | FunctionFile | undefined> {
  let parsed: { kind?: unknown } | null
  try {
    parsed = JSON.parse(await readFile(path, 'utf8')) as typeof parsed
  } catch (cause) {
    throw new CohortError('usage', `${path} cannot be read as JSON: ${String(cause)}`, { cause })
  }
  return parsed?.kind === 'agent' || parsed?.kind === 'function'
    ? (parsed as AgentFile | FunctionFile)
    : undefined
}

/** Why an agent file cannot be replayed yet. */
export function unbuiltIn({ model, config }: AgentFile): string | undefined {
  if (config.inference_algo !== 'VANILLA') return `inference algorithm ${config.inference_algo} is not built`
  if (config.sophisticated) return 'sophisticated inference is not built'
  if (model.H !== null && model.H !== undefined) return 'inductive cost (H) is not built'
  const learned = (['pA', 'pB', 'pD'] as const).filter(
    (name) => model[name] !== null && model[name] !== undefined,
  )
  if (learned.length > 0) return `learning (${learned.join(', ')}) is not built`
  if (config.use_param_info_gain) return 'parameter information gain is not built'
  if (config.action_selection !== 'deterministic')
    return 'actions drawn by another generator cannot be compared'
  return undefined
}

/** A golden model in our own words. */
export function modelOf({ model, config }: Pick<AgentFile, 'model' | 'config'>): Model {
  const { A, B, C, D, E, A_factor_list, B_factor_list } = model
  return {
    A,
    B,
    ...(C === null ? {} : { C }),
    ...(D === null ? {} : { D }),
    ...(E === null ? {} : { E }),
    ...(A_factor_list === null ? {} : { A_dependencies: A_factor_list }),
    ...(B_factor_list === null ? {} : { B_dependencies: B_factor_list }),
    options: {
      policyLen: config.policy_len,
      useUtility: config.use_utility,
      useStatesInfoGain: config.use_states_info_gain,
      gamma: config.gamma,
      alpha: config.alpha,
      actionSelection: config.action_selection,
      samplingMode: config.sampling_mode,
      numIter: config.inference_params.num_iter,
      dF: config.inference_params.dF,
      dFTol: config.inference_params.dF_tol,
      computeVfe: config.inference_params.compute_vfe,
    },
  }
}
