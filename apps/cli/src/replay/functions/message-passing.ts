// Message passing of one policy alone: a model whose only policy it is, and a window that is given.
import type { Model } from '@cohort/contracts'
import { beliefsOfPolicy } from '@cohort/inference/parts'
import type { Values } from '../golden-file.js'
import { compiled } from './compiled.js'

interface MessagePassingInput {
  readonly A: Model['A']
  readonly B: Model['B']
  readonly A_factor_list: number[][]
  readonly B_factor_list: number[][]
  readonly observations: number[][]
  readonly prev_actions: number[][]
  readonly policy: number[][]
  readonly prior: number[][]
  readonly num_iter: number
  readonly grad_descent: boolean
  readonly tau: number
}

export function passMessages(input: MessagePassingInput): Values {
  const { A, B, A_factor_list, B_factor_list, observations, prev_actions, policy, prior } = input
  const model = compiled({
    A,
    B,
    A_dependencies: A_factor_list,
    B_dependencies: B_factor_list,
    policies: [policy],
    options: {
      inference: 'messagePassing',
      window: observations.length,
      numIter: input.num_iter,
      gradientDescent: input.grad_descent,
      ...(input.grad_descent ? { tau: input.tau } : {}),
      matchPymdp: true,
    },
  })
  const { qs, F } = beliefsOfPolicy(model, 0, { observations, actions: prev_actions, prior })
  return { qs_seq: qs, F }
}
