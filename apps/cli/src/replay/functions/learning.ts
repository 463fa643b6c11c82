// What one step teaches: an agent whose beliefs before and after it are given.
import type { Model } from '@cohort/contracts'
import { type CompiledModel, makeScratch } from '@cohort/inference'
import { learn, recall } from '@cohort/inference/parts'
import { knowledgeOf } from '../../lone-agent/knowledge.js'
import type { Values } from '../golden-file.js'
import { normalised } from '../normalised.js'
import { compiled } from './compiled.js'

interface LearningInput {
  readonly pA: Model['A']
  readonly pB: Model['B']
  readonly pD: number[][]
  readonly qs: number[][]
  readonly qs_prev: number[][]
  readonly observation: number[]
  /** [factor]: the last action. */
  readonly action: number[]
  readonly A_factor_list: number[][]
  readonly B_factor_list: number[][]
  readonly lr_pA: number
  readonly lr_pB: number
  readonly lr_pD: number
}

/** A, B and D are the counts normalised, as they are in these cases. */
export function learnOnce(input: LearningInput): Values {
  const { pA, pB, pD, A_factor_list, B_factor_list, lr_pA, lr_pB, lr_pD } = input
  const model = compiled({
    A: pA.map(normalised),
    B: pB.map(normalised),
    pA,
    pB,
    pD,
    A_dependencies: A_factor_list,
    B_dependencies: B_factor_list,
    options: { learning: { A: { rate: lr_pA }, B: { rate: lr_pB }, D: { rate: lr_pD } } },
  })
  const { A, B, D, ...counts } = knowledgeOf(learned(model, input), [])
  return { pA: counts.pA, pB: counts.pB, pD: counts.pD, A, B, D }
}

/** The mind of an agent that has acted and is still in its first step, so that it learns of all three. */
function learned(model: CompiledModel, { qs, qs_prev, observation, action }: LearningInput): CompiledModel {
  const scratch = makeScratch(model)
  const { mind, agent } = scratch
  for (const [own, initial] of [
    [mind.pA, model.pA],
    [mind.pD, model.pD],
  ] as const)
    own.forEach((counts, i) => counts?.set(initial[i] ?? []))
  mind.pB.forEach((byAction, f) => byAction?.forEach((counts, a) => counts.set(model.pB[f]?.[a] ?? [])))
  agent.beliefs.set(qs.flat())
  scratch.before.set(qs_prev.flat())
  agent.observation.set(observation)
  agent.acted = true
  scratch.lastAction = action.reduce((joint, a, c) => joint * (model.numControls[c] ?? 1) + a, 0)
  recall(scratch)
  learn(scratch)
  recall(scratch)
  return mind
}
