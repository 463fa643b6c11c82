// Fixed-point inference alone: the first step of an agent whose D is the prior.
import type { Model } from '@cohort/contracts'
import type { KernelName } from '@cohort/inference'
import { LoneAgent } from '../../lone-agent/lone-agent.js'
import type { Computed } from '../golden-file.js'

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

export function inferStates(input: FixedPointInput, kernel: KernelName): Computed {
  const model = {
    A: input.A,
    B: input.num_states.map(staying),
    A_dependencies: input.A_factor_list,
    ...(input.prior === null ? {} : { D: input.prior }),
    options: { numIter: input.num_iter, dF: input.dF, dFTol: input.dF_tol, computeVfe: input.compute_vfe },
  }
  const agent = new LoneAgent(model, { kernel })
  const { beliefs, vfe, vfeTrace, iterations } = agent.step(input.observation)
  const values = { qs: beliefs, vfe, vfe_trace: vfeTrace, n_iter: iterations }
  return { values, kernel: agent.kernel }
}

/** B[next][previous][action] of a factor that stays as it is, whatever the one action. */
const staying = (states: number): number[][][] =>
  Array.from({ length: states }, (_, next) =>
    Array.from({ length: states }, (_, previous) => [next === previous ? 1 : 0]),
  )
