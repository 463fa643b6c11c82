// What a step has taught, as lines: the counts that changed most.
import { plural } from '../view/words.js'
import type { CountChange } from './count-changes.js'
import type { ExplainedStep, Explanation } from './explained.js'
import type { Named } from './names.js'
import type { Page } from './page.js'
import { planText, wrapped } from './wording.js'

const INDENT = 10

export function learnedLines(
  { learned }: ExplainedStep,
  policies: Explanation['policies'],
  page: Page,
): string[] {
  if (learned.length === 0) return []
  const shown = learned.slice(0, page.top)
  const rest = learned.length - shown.length
  return [
    ...shown.flatMap((change, i) => {
      const start = (i === 0 ? 'learned' : '').padEnd(INDENT)
      const counts = `${change.from.toFixed(2)} → ${change.to.toFixed(2)}`
      return wrapped(start, `${counts}  ${countText(change, policies, page)}`, page.width)
    }),
    ...(rest === 0 ? [] : [`${' '.repeat(INDENT)}… and ${plural(rest, 'smaller change')}`]),
  ]
}

/** What is counted: an outcome under states, a state after others, a state to begin in, a plan. */
function countText(
  { counts, index, at }: CountChange,
  policies: Explanation['policies'],
  page: Page,
): string {
  const { names, model } = page
  const [first = 0, ...others] = at
  const factor = names.factors[index]
  const inStates = (factors: readonly number[], from: readonly number[]) =>
    factors.map((f, i) => is(names.factors[f], from[i])).join(', ')
  switch (counts) {
    case 'pA':
      return `${is(names.modalities[index], first)}, given ${inStates(model.aDependencies[index] ?? [], others)}`
    case 'pB': {
      const parents = model.bDependencies[index] ?? []
      const does = (model.bControls[index] ?? []).map((c, i) =>
        is(names.controls[c], others[parents.length + i]),
      )
      return `${is(factor, first)}, after ${inStates(parents, others)} and ${does.join(', ')}`
    }
    case 'pD':
      return `${is(factor, first)}, to begin with`
    case 'pE':
      return `habit of ${planText(names, policies[first] ?? [])}`
  }
}

const is = (named: Named | undefined, value = 0): string => `${named?.name} = ${named?.values[value]}`
