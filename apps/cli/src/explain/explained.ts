// Steps with all that a person needs to follow them: numbers first, sentences are made of them elsewhere.
import type { Knowledge } from '../lone-agent/knowledge.js'
import type { LoneAgent, LoneStep, Seen } from '../lone-agent/lone-agent.js'
import { type CountChange, countChanges } from './count-changes.js'
import type { Names } from './names.js'
import { type PlanValue, plansOf } from './plan-value.js'
import { type Reason, reasonOf } from './reason.js'

export interface ExplainedStep {
  /** From 1, as in results. */
  readonly step: number
  readonly observation: readonly Seen[]
  /** The model held what was seen for impossible. */
  readonly impossible: boolean
  /** Per factor, [state]: what was to be expected, and what is believed having seen. */
  readonly beliefs: readonly { readonly prior: number[]; readonly posterior: number[] }[]
  readonly vfe: number
  readonly iterations: number
  readonly planKept: boolean
  /** Which of a plan's steps it does, from 0. */
  readonly planStep: number
  /** [policy] */
  readonly plans: readonly PlanValue[]
  /** [control], and by how much it is ahead of the next in probability. */
  readonly action: readonly number[]
  readonly margin: readonly number[]
  readonly why: Reason
  /** Largest first. */
  readonly learned: readonly CountChange[]
}

export interface Explanation {
  readonly names: Names
  /** [policy][t][control] */
  readonly policies: readonly number[][][]
  readonly steps: readonly ExplainedStep[]
}

export interface ToExplain {
  readonly agent: LoneAgent
  readonly names: Names
  /** [step][modality] */
  readonly observations: readonly (readonly Seen[])[]
}

/** Steps the agent through what it sees; it does what it chooses. */
export function explain({ agent, names, observations }: ToExplain): Explanation {
  const { policies } = agent
  let known = agent.knowledge
  let planStep = 0
  const steps = observations.map((observation) => {
    const step = agent.step(observation)
    const now = agent.knowledge
    planStep = step.planKept ? planStep + 1 : 0
    const explained = explainStep({ agent, policies, step, planStep, before: known, now })
    known = now
    return explained
  })
  return { names, policies, steps }
}

interface Stepped {
  readonly agent: LoneAgent
  readonly policies: readonly number[][][]
  readonly step: LoneStep
  readonly planStep: number
  readonly before: Knowledge
  readonly now: Knowledge
}

function explainStep({ agent, policies, step, planStep, before, now }: Stepped): ExplainedStep {
  const plans = plansOf(agent, step)
  const drawn = agent.model.options.actionSelection === 'stochastic'
  return {
    step: step.t + 1,
    observation: step.observation,
    impossible: step.impossible,
    beliefs: step.beliefs.map((posterior, f) => ({ prior: step.prior[f] ?? [], posterior })),
    vfe: step.vfe,
    iterations: step.iterations,
    planKept: step.planKept,
    planStep,
    plans,
    action: step.action,
    margin: step.margin,
    why: reasonOf({ step, plans, policies, drawn }),
    learned: countChanges(before, now),
  }
}
