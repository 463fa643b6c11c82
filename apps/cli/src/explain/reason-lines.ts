// Why the action won, as sentences.
import type { ExplainedStep, Explanation } from './explained.js'
import type { Page } from './page.js'
import { type Part, rankedPlans } from './plan-value.js'
import { decisiveParts, type Decider, total } from './reason.js'
import { PARTS, planText, signed, wrapped } from './wording.js'

const INDENT = 10

const DECIDERS: Readonly<Record<Decider, string>> = {
  onlyChoice: 'it has no other choice',
  planKept: 'it follows the plan of an earlier step: [ ] is what it does now',
  lot: 'it drew by lot, the better the likelier',
  tie: 'it drew by lot among those that are as good',
  together: 'no one plan decides: all plans that begin so outweigh the others together',
  eachAlone:
    'each control is chosen by itself: of its actions the one that the plans, taken together, favour',
  explores: 'it explores: most of its lead is what it would come to know',
  exploits: 'it exploits: most of its lead is what it prefers to see',
  headsForGoal: 'it heads for its goal: most of its lead is staying on the shortest way',
  looksAhead: 'it looks ahead: most of its lead is what the search found later',
  habit: 'it is used to: most of its lead is in E, whatever it expects',
  past: 'it goes by the past: most of its lead is how well the plan explains what was seen',
}

export function reasonLines(step: ExplainedStep, policies: Explanation['policies'], page: Page): string[] {
  const { names, width, paint } = page
  const by = names.controls.flatMap(({ name, values }, c) =>
    values.length > 1 ? [`${name} ${values[step.action[c] ?? 0]} (${aheadBy(step.margin[c] ?? 0)})`] : [],
  )
  return [
    ...wrapped('does      ', by.join(', ') || 'nothing: it has no choice', width).map((line) =>
      paint('bold', line),
    ),
    ...wrapped('because   ', DECIDERS[step.why.decider], width),
    ...comparison(step, policies, page).flatMap((text) => wrapped(' '.repeat(INDENT), text, width)),
  ]
}

function aheadBy(margin: number): string {
  const points = `${Math.abs(margin * 100).toFixed(1)} percentage points`
  return `${points} ${margin < 0 ? 'behind the best' : 'ahead of the next'}`
}

/** The two plans that the reason is about, and how they differ part by part. */
function comparison(
  { why, plans }: ExplainedStep,
  policies: Explanation['policies'],
  { names }: Page,
): string[] {
  const { best, rival, precision, habit, past, byFirstStep } = why
  if (rival === null || why.decider === 'planKept' || why.decider === 'tie') return []
  const ranked = rankedPlans(plans)
  const called = (policy: number) => `plan ${ranked.indexOf(policy) + 1}`
  const compared = decisiveParts(why)
  const parts = Object.entries(compared).map(([part, value]) => [PARTS[part as Part].title, value] as const)
  const told = (list: readonly (readonly [string, number])[]) =>
    list
      .filter(([, value]) => Math.abs(value) >= SHOWN)
      .map(([title, value]) => `${title} ${signed(value)}`)
      .join(', ')
  const others = [
    told([
      ['habit', habit],
      ['past', past],
    ]),
  ].filter((text) => text !== '')
  const rivals = `${called(best)} against ${called(rival)} (${planText(names, policies[rival] ?? [])})`
  const what = byFirstStep ? 'by their first steps G' : 'G'
  const G = `${what} ${signed(total(compared))} (${told(parts) || 'no part differs'})`
  const lead = precision * total(compared) + habit + past
  const result = `with precision ${Number(precision.toPrecision(3))}, ${ratio(lead)} as probable`
  const pruned = plans[best]?.pruned ? best : rival
  const left = byFirstStep ? [`${called(pruned)} was not looked at further`] : []
  return [`${rivals}, the best that begins otherwise: ${[G, ...others, result, ...left].join('; ')}`]
}

/** Differences that two digits show. */
const SHOWN = 0.005
const MILLION = 1e6

function ratio(lead: number): string {
  const times = Math.exp(lead)
  if (times >= MILLION) return 'over a million times'
  return times >= 10
    ? `${Math.round(times).toLocaleString('en-US')} times`
    : `${times.toFixed(times < 0.1 ? 4 : 2)} times`
}
