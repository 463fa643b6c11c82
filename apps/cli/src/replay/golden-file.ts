// A golden file: what another implementation computed. Read here, and told apart from what cannot be compared.
import type { KernelName } from '@cohort/inference'
import type { Model } from '@cohort/contracts'
import { readJson } from '../read-json.js'

/** Output of one case from its input, and the kernel that made it. */
export interface Computed {
  readonly values: Values
  readonly kernel: KernelName
}

/** Values by the names in golden files; what a step or case holds is compared, what it lacks is not. */
export type Values = Readonly<Record<string, unknown>>

/** One agent's run: a model and its steps. */
export interface AgentFile {
  readonly kind: 'agent'
  readonly name: string
  readonly model: GoldenModel
  readonly config: GoldenConfig
  /** The calls of each step. */
  readonly call_order: readonly string[]
  /** [step][control]: what was done, where it is not what was chosen. */
  readonly forced?: readonly (readonly number[])[]
  readonly steps: readonly (Values & { readonly observation: number[]; readonly action: number[] })[]
}

/** One function, called again and again. */
export interface FunctionFile {
  readonly kind: 'function'
  readonly name: string
  readonly cases: readonly { readonly label: string; readonly input: Values; readonly output: Values }[]
}

type OrNull<Part> = NonNullable<Part> | null

export interface GoldenModel {
  readonly A: Model['A']
  readonly B: Model['B']
  readonly C: OrNull<Model['C']>
  readonly D: OrNull<Model['D']>
  readonly E: OrNull<Model['E']>
  readonly A_factor_list: number[][] | null
  readonly B_factor_list: number[][] | null
  readonly H: OrNull<Model['H']>
  /** With H: [factor][depth][state], what can be reached. */
  readonly I?: unknown
  readonly pA: OrNull<Model['pA']>
  readonly pB: OrNull<Model['pB']>
  readonly pD: OrNull<Model['pD']>
}

/** The constructor's arguments that say what a run computes. */
export interface GoldenConfig {
  readonly inference_algo: string
  readonly inference_horizon: number
  readonly policy_len: number
  readonly gamma: number
  readonly alpha: number
  readonly use_utility: boolean
  readonly use_states_info_gain: boolean
  readonly use_param_info_gain: boolean
  readonly action_selection: 'deterministic' | 'stochastic'
  readonly sampling_mode: 'marginal' | 'full'
  readonly modalities_to_learn: number[] | 'all'
  readonly factors_to_learn: number[] | 'all'
  readonly lr_pA: number
  readonly lr_pB: number
  readonly lr_pD: number
  readonly use_BMA: boolean
  readonly policy_sep_prior: boolean
  readonly sophisticated: boolean
  readonly si_horizon: number
  readonly si_policy_prune_threshold: number
  readonly si_state_prune_threshold: number
  readonly si_prune_penalty: number
  readonly ii_depth: number
  readonly ii_threshold: number
  readonly inference_params: InferenceParams
}

/** `dF`, `dF_tol` and `compute_vfe` are of VANILLA, `grad_descent` and `tau` of MMP. */
interface InferenceParams {
  readonly num_iter: number
  readonly dF?: number
  readonly dF_tol?: number
  readonly compute_vfe?: boolean
  readonly grad_descent?: boolean
  readonly tau?: number
}

/** Throws `usage` where it is not readable JSON; undefined where it is no golden file. */
export async function readGoldenFile(path: string): Promise<AgentFile | FunctionFile | undefined> {
  const parsed = (await readJson(path)) as { kind?: unknown } | null
  return parsed?.kind === 'agent' || parsed?.kind === 'function'
    ? (parsed as AgentFile | FunctionFile)
    : undefined
}

/** Why an agent file cannot be compared with what we compute. */
export function incomparable({ config }: AgentFile): string | undefined {
  const { inference_algo, action_selection, use_BMA, policy_sep_prior } = config
  if (action_selection !== 'deterministic') return 'actions drawn by another generator cannot be compared'
  if (inference_algo !== 'VANILLA' && inference_algo !== 'MMP')
    return `inference algorithm ${inference_algo} is not known`
  if (inference_algo === 'MMP' && (!use_BMA || policy_sep_prior))
    return 'message passing that carries a prior a policy has no counterpart'
  return undefined
}
