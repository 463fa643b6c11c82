// Why an action won: the best plan that begins with it against the best that begins otherwise, part by part.
import type { LoneStep } from '../lone-agent/lone-agent.js'
import { type Part, type PlanValue, rankedPlans } from './plan-value.js'

/**
 * What decided. `together`: no one plan does, but all plans that begin so outweigh those of any other beginning;
 * `eachAlone`: not even they, since each control's action is chosen by itself.
 */
export type Decider =
  | 'onlyChoice'
  | 'planKept'
  | 'lot'
  | 'tie'
  | 'together'
  | 'eachAlone'
  | 'explores'
  | 'exploits'
  | 'headsForGoal'
  | 'looksAhead'
  | 'habit'
  | 'past'

export interface Reason {
  readonly decider: Decider
  /** The most probable plan that begins with the chosen action, and the most probable that does not. */
  readonly best: number
  readonly rival: number | null
  /** ln of the ratio of their probabilities: precision · (sum of the parts) + habit + past. */
  readonly lead: number
  readonly precision: number
  /** Differences of the parts of G, of ln E, and of what the past says for each. */
  readonly parts: Readonly<Partial<Record<Part, number>>>
  readonly habit: number
  readonly past: number
  /** A search looked at one of the two no further: only what their first steps bring can be compared. */
  readonly byFirstStep: boolean
}

export interface Choice {
  readonly step: LoneStep
  readonly plans: readonly PlanValue[]
  /** [policy][t][control] */
  readonly policies: readonly number[][][]
  /** Whether actions are drawn. */
  readonly drawn: boolean
}

/** As near as the kernel takes for as good. */
const TIE = 1e-8

export function reasonOf({ step, plans, policies, drawn }: Choice): Reason {
  const beginsSo = (policy: number) => policies[policy]?.[0]?.every((a, c) => a === step.action[c]) === true
  const ranked = rankedPlans(plans)
  const best = ranked.find(beginsSo) ?? ranked[0] ?? 0
  const rival = ranked.find((policy) => !beginsSo(policy)) ?? null
  const none = {
    best,
    rival,
    lead: 0,
    precision: step.gamma,
    parts: {},
    habit: 0,
    past: 0,
    byFirstStep: false,
  }
  if (step.planKept) return { ...none, best: ranked[0] ?? 0, rival: null, decider: 'planKept' }
  if (rival === null) return { ...none, decider: 'onlyChoice' }
  const difference = (values: readonly number[]) => (values[best] ?? 0) - (values[rival] ?? 0)
  const parts = Object.fromEntries(
    Object.entries(plans[best]?.parts ?? {}).map(([part, value]) => [
      part,
      value - (plans[rival]?.parts[part as Part] ?? 0),
    ]),
  ) as Reason['parts']
  const habit = difference(step.habit)
  const past = difference(step.evidence)
  const lead = step.gamma * total(parts) + habit + past
  const byFirstStep = plans[best]?.pruned !== plans[rival]?.pruned
  const reason = { ...none, lead, parts, habit, past, byFirstStep }
  const tied = step.margin.some((margin) => Math.abs(margin) <= TIE)
  if (drawn) return { ...reason, decider: 'lot' }
  if (tied) return { ...reason, decider: 'tie' }
  if (lead > 0) return { ...reason, decider: largest(reason) }
  return { ...reason, decider: outweighs({ plans, policies }, best) ? 'together' : 'eachAlone' }
}

/** Whether the plans that begin as `best` does are more probable in sum than those of any other beginning. */
function outweighs({ plans, policies }: Pick<Choice, 'plans' | 'policies'>, best: number): boolean {
  const sums = new Map<string, number>()
  const beginningOf = (policy: number) => String(policies[policy]?.[0])
  plans.forEach(({ probability }, policy) => {
    const beginning = beginningOf(policy)
    sums.set(beginning, (sums.get(beginning) ?? 0) + probability)
  })
  return Math.max(...sums.values()) - (sums.get(beginningOf(best)) ?? 0) <= TIE
}

export const total = (parts: Reason['parts']): number =>
  Object.values(parts).reduce((sum, part) => sum + part, 0)

/** Those that may decide: what a plan loses that was not looked at further is a consequence, and no reason. */
export const decisiveParts = ({
  parts,
  byFirstStep,
}: Pick<Reason, 'parts' | 'byFirstStep'>): Reason['parts'] =>
  Object.fromEntries(
    Object.entries(parts).filter(
      ([part]) => part !== 'notLookedAt' && !(byFirstStep && part === 'lookahead'),
    ),
  )

/** The kind of what speaks most for the best. */
function largest(reason: Omit<Reason, 'decider'>): Decider {
  const { habit, past, precision } = reason
  const parts = decisiveParts(reason)
  const { utility = 0, statesInfoGain = 0, paramInfoGainA = 0, paramInfoGainB = 0 } = parts
  const kinds: [Decider, number][] = [
    ['exploits', precision * utility],
    ['explores', precision * (statesInfoGain + paramInfoGainA + paramInfoGainB)],
    ['headsForGoal', precision * (parts.inductive ?? 0)],
    ['looksAhead', precision * (parts.lookahead ?? 0)],
    ['habit', habit],
    ['past', past],
  ]
  return kinds.reduce((most, kind) => (kind[1] > most[1] ? kind : most))[0]
}
