// The best plans as a table: what each is worth, of which parts, and how probable it is.
import { percent } from '../view/words.js'
import { signedBar } from '../view/signed-bar.js'
import type { ExplainedStep, Explanation } from './explained.js'
import type { Page } from './page.js'
import { type BesideG, besideG, type Part, type PlanValue, rankedPlans } from './plan-value.js'
import { cut, PARTS, plain, planText, wrapped } from './wording.js'

const RANK = 4
const CHANCE = 8
const NUMBER = 8
const MOST_HALF = 4
const LEAST_HALF = 2
const PRUNED = '*'
const WHY_PRUNED = 'not looked at further, its first step being too improbable: so much less is its G'
/** Columns that names may ask for before bars get shorter. */
const ENOUGH = 26

export function planLines(step: ExplainedStep, policies: Explanation['policies'], page: Page): string[] {
  const { top, names, paint, width } = page
  const ranked = rankedPlans(step.plans)
  const shown = ranked.slice(0, top)
  const parts = (Object.keys(step.plans[0]?.parts ?? {}) as Part[]).filter((part) => part !== 'notLookedAt')
  const beside = step.planKept ? [] : besideG(step.plans)
  const now = step.planKept ? step.planStep : undefined
  const labels = shown.map((policy) => planText(names, policies[policy] ?? [], now))
  const all = ranked.length
  const count = `plans     ${shown.length === all ? `all ${all}` : `best ${shown.length} of ${all}`}`
  const room = { least: count.length - RANK, labels, width: width - beside.length * NUMBER }
  const table = { parts, beside, ...columnsFor(parts.length, room), averages: averages(step, parts) }
  const head = step.planKept
    ? ''
    : [
        ...[...beside, 'G'].map((text) => text.padStart(NUMBER)),
        ...parts.map((part) => title(part, table)),
      ].join('')
  return [
    `${count.padEnd(RANK + table.label)}${'chance'.padStart(CHANCE)}${head}`.trimEnd(),
    ...shown.map((policy, i) => {
      const text = row(step.plans[policy], { ...table, rank: i + 1, text: labels[i] ?? '' })
      const chosen = policies[policy]?.[step.planStep]?.every((a, c) => a === step.action[c]) === true
      return chosen ? paint('green', text) : text
    }),
    ...(shown.some((policy) => step.plans[policy]?.pruned) ? wrapped(` ${PRUNED}  `, WHY_PRUNED, width) : []),
  ]
}

interface Table {
  readonly parts: readonly Part[]
  readonly beside: readonly BesideG[]
  /** Columns of a plan's name, and of half a bar; 0: no bars. */
  readonly label: number
  readonly half: number
  /** Of each part over all plans but pruned ones, and by how much a plan is apart from it at most. */
  readonly averages: { readonly of: Readonly<Partial<Record<Part, number>>>; readonly reach: number }
}

/** The longest bars beside which names still have room; none where there is no room for any. */
function columnsFor(parts: number, { least, labels, width }: Room): Pick<Table, 'label' | 'half'> {
  const room = width - RANK - CHANCE - NUMBER - parts * NUMBER
  const longest = Math.max(least, ...labels.map(({ length }) => length))
  for (let half = MOST_HALF; half >= LEAST_HALF; half--) {
    const left = room - parts * (2 * half + 2)
    if (left >= Math.min(longest, ENOUGH)) return { half, label: Math.min(longest, left) }
  }
  return { half: 0, label: Math.max(least, Math.min(longest, room)) }
}

interface Room {
  /** Columns of the table's head over the names. */
  readonly least: number
  readonly labels: readonly string[]
  readonly width: number
}

function averages({ plans }: ExplainedStep, parts: readonly Part[]): Table['averages'] {
  const lookedAt = plans.filter(({ pruned }) => !pruned)
  const values = (part: Part) => lookedAt.map((plan) => plan.parts[part] ?? 0)
  const mean = (list: readonly number[]) =>
    list.reduce((sum, value) => sum + value, 0) / Math.max(1, list.length)
  const of = Object.fromEntries(parts.map((part) => [part, mean(values(part))])) as Table['averages']['of']
  const apart = parts.flatMap((part) => values(part).map((value) => Math.abs(value - (of[part] ?? 0))))
  return { of, reach: Math.max(1e-9, ...apart) }
}

function title(part: Part, { half }: Table): string {
  const wide = NUMBER + (half === 0 ? 0 : 2 * half + 2)
  const { title: whole, short } = PARTS[part]
  if (half === 0) return short.padStart(NUMBER)
  const text = whole.length < wide ? whole : short
  return text.padStart(Math.max(NUMBER, text.length + 1)).padEnd(wide)
}

interface Row extends Table {
  readonly rank: number
  readonly text: string
}

function row(plan: PlanValue | undefined, { parts, beside, half, label, averages, rank, text }: Row): string {
  const { G = 0, probability = 0, pruned = false } = plan ?? {}
  const start = `${String(rank).padStart(2)}  ${cut(text, label).padEnd(label)}${percent(probability).padStart(CHANCE)}`
  if (G === null) return start
  const cells = parts.map((part) => {
    if (pruned && part === 'lookahead') return lost(plan).padStart(NUMBER)
    const value = plan?.parts[part] ?? 0
    const number = plain(value).padStart(NUMBER)
    if (half === 0) return number
    return pruned
      ? number.padEnd(NUMBER + 2 * half + 2)
      : `${number} ${signedBar((value - (averages.of[part] ?? 0)) / averages.reach, half)}`
  })
  const numbers = [...beside.map((kind) => plan?.[kind] ?? 0), G].map((value) =>
    plain(value).padStart(NUMBER),
  )
  return `${start}${numbers.join('')}${cells.join('')}`.trimEnd()
}

/** Of a pruned plan: what its G is less by, marked. */
const lost = (plan: PlanValue | undefined): string => `${plain(plan?.parts.notLookedAt ?? 0)}${PRUNED}`
