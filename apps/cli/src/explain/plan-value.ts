// What each plan is worth and why: its G, the parts that G is the sum of, and its probability.
import type { Term } from '@cohort/inference'
import type { LoneAgent, LoneStep } from '../lone-agent/lone-agent.js'

/** What G is the sum of: the terms of a plan's own steps, and what a search found beyond them. */
export type Part = Term | 'lookahead'

export interface PlanValue {
  /** Negative expected free energy, larger is better; null where the step kept an earlier plan. */
  readonly G: number | null
  /** Those that are in G: their sum is G. */
  readonly parts: Readonly<Partial<Record<Part, number>>>
  readonly probability: number
}

/** [policy] */
export function plansOf(agent: LoneAgent, step: LoneStep): PlanValue[] {
  const used = usedTerms(agent)
  const sophisticated = agent.model.options.planning === 'sophisticated'
  return step.qPi.map((probability, policy) => {
    if (step.planKept) return { G: null, parts: {}, probability }
    const G = step.G[policy] ?? 0
    const own = used.map((term) => [term, step.terms[term][policy] ?? 0] as const)
    const sum = own.reduce((total, [, value]) => total + value, 0)
    const beyond = sophisticated ? { lookahead: G - sum } : {}
    return { G, parts: { ...Object.fromEntries(own), ...beyond }, probability }
  })
}

/** The most probable first. */
export const rankedPlans = (plans: readonly PlanValue[]): number[] =>
  plans
    .map((_, policy) => policy)
    .toSorted((a, b) => (plans[b]?.probability ?? 0) - (plans[a]?.probability ?? 0) || a - b)

/** The terms that the model's options put into G, and of which it has what they are made from. */
function usedTerms({ model }: LoneAgent): Term[] {
  const { useUtility, useStatesInfoGain, useParamInfoGain } = model.options
  const some = (parts: readonly unknown[]) => parts.some((part) => part !== null)
  const used: Readonly<Record<Term, boolean>> = {
    utility: useUtility,
    statesInfoGain: useStatesInfoGain,
    paramInfoGainA: useParamInfoGain && some(model.pA),
    paramInfoGainB: useParamInfoGain && some(model.pB),
    inductive: some(model.reach),
  }
  return (Object.keys(used) as Term[]).filter((term) => used[term])
}
