// What each plan is worth and why: its G, the parts that G is the sum of, and its probability.
import type { Term } from '@cohort/contracts'
import type { LoneAgent, LoneStep } from '../lone-agent/lone-agent.js'

/** What G is the sum of: terms of a plan's own steps, what a search found beyond them, and what a pruned plan loses. */
export type Part = Term | 'lookahead' | 'notLookedAt'

/** What makes a plan probable beside its G. */
const BESIDE_G = ['habit', 'past'] as const
export type BesideG = (typeof BESIDE_G)[number]
const SAME = 1e-9

export interface PlanValue {
  /** Negative expected free energy, larger is better; null where the step kept an earlier plan. */
  readonly G: number | null
  /** Those that are in G: their sum is G. */
  readonly parts: Readonly<Partial<Record<Part, number>>>
  readonly probability: number
  /** ln of the probability but for a constant: precision · G + habit + past; null as G is. */
  readonly logWeight: number | null
  /** ln E, and what the past says for it. */
  readonly habit: number
  readonly past: number
  /** A search saw its first step alone: it has no `lookahead`, and G is less by the penalty `notLookedAt`. */
  readonly pruned: boolean
}

/** [policy] */
export function plansOf(agent: LoneAgent, step: LoneStep): PlanValue[] {
  const used = usedTerms(agent)
  const sophisticated = agent.model.options.planning === 'sophisticated'
  return step.qPi.map((probability, policy) => {
    const [habit, past] = [step.habit[policy] ?? 0, step.evidence[policy] ?? 0]
    const pruned = step.pruned[policy] ?? false
    const known = { probability, habit, past, pruned }
    if (step.planKept) return { ...known, G: null, parts: {}, logWeight: null }
    const G = step.G[policy] ?? 0
    const own = used.map((term) => [term, step.terms[term][policy] ?? 0] as const)
    const sum = own.reduce((total, [, value]) => total + value, 0)
    const found = pruned
      ? { lookahead: 0, notLookedAt: -agent.model.options.prunePenalty }
      : { lookahead: G - sum, notLookedAt: 0 }
    const parts = { ...Object.fromEntries(own), ...(sophisticated ? found : {}) }
    return { ...known, G, parts, logWeight: step.gamma * G + habit + past }
  })
}

/** What sets plans apart beside G, where anything does. */
export const besideG = (plans: readonly PlanValue[]): BesideG[] =>
  BESIDE_G.filter((kind) => plans.some((plan) => Math.abs(plan[kind] - (plans[0]?.[kind] ?? 0)) > SAME))

/** The most probable first; where probabilities are so small that they are all 0, by their logarithms. */
export const rankedPlans = (plans: readonly PlanValue[]): number[] =>
  plans
    .map((_, policy) => policy)
    .toSorted(
      (a, b) =>
        (plans[b]?.probability ?? 0) - (plans[a]?.probability ?? 0) ||
        (plans[b]?.logWeight ?? 0) - (plans[a]?.logWeight ?? 0) ||
        a - b,
    )

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
