// What an agent saw and believes, as lines: a bar a state before and after, and how surprised it was.
import { bar } from '../view/bar.js'
import { percent, plural } from '../view/words.js'
import type { ExplainedStep } from './explained.js'
import type { Page } from './page.js'
import type { Named } from './names.js'
import { cut, plain, wrapped } from './wording.js'

/** All states of a factor up to so many; of more, those that are at all probable. */
const FEW_STATES = 8
const PROBABLE = 0.005
const INDENT = 4
const WIDEST_LABEL = 20
const WIDEST_BAR = 16
/** `100.0 %` */
const PERCENT = 7

export function sightLines(
  { observation, impossible }: ExplainedStep,
  { names, width, paint }: Page,
): string[] {
  const texts = names.modalities.map(
    (modality, m) => `${modality.name}: ${seenText(observation[m] ?? null, modality)}`,
  )
  const warning = '! by the model this cannot be seen: take what follows with care'
  return [...wrapped('saw       ', texts.join(' · '), width), ...(impossible ? [paint('red', warning)] : [])]
}

function seenText(seen: ExplainedStep['observation'][number], { values }: Named): string {
  if (seen === null) return '(not seen)'
  if (typeof seen === 'number') return values[seen] ?? String(seen)
  const shares = seen.flatMap((share, o) => (share > 0 ? [`${percent(share)} ${values[o] ?? o}`] : []))
  return `unclear (${shares.join(', ')})`
}

export function beliefLines(step: ExplainedStep, page: Page): string[] {
  const { names, paint } = page
  const label = Math.min(
    WIDEST_LABEL,
    Math.max(8, ...names.factors.flatMap(({ values }) => values.map(({ length }) => length))),
  )
  const room = page.width - INDENT - label - 2 * (PERCENT + 1) - 7
  const columns = { label, bar: Math.max(4, Math.min(WIDEST_BAR, Math.floor(room / 2))) }
  const head = `${'believes'.padEnd(INDENT + label + 2)}${'expected'.padEnd(PERCENT + 1 + columns.bar)}`
  return [
    `${head}   → having seen`,
    ...names.factors.flatMap((factor, f) => [
      `  ${paint('bold', factor.name)}`,
      ...stateLines(factor, step.beliefs[f] ?? { prior: [], posterior: [] }, columns).map(
        ({ text, likely }) => (likely ? paint('green', text) : text),
      ),
    ]),
    surpriseLine(step, page),
  ]
}

/** Free energy is the surprise itself where there is one factor, whose beliefs are exact. */
function surpriseLine({ vfe, iterations }: ExplainedStep, { names, model }: Page): string {
  const after = `after ${plural(iterations, 'sweep')}`
  if (model.options.inference === 'messagePassing')
    return `surprise  by all of its window: free energy ${plain(vfe)} nats, ${after}`
  if (names.factors.length === 1) return `surprise  ${plain(vfe)} nats`
  return `surprise  at most ${plain(vfe)} nats (its free energy, ${after})`
}

interface Columns {
  readonly label: number
  readonly bar: number
}

function stateLines(
  { values }: Named,
  { prior, posterior }: ExplainedStep['beliefs'][number],
  columns: Columns,
): { text: string; likely: boolean }[] {
  const states = values.map((_, s) => s)
  const most = (s: number) => Math.max(prior[s] ?? 0, posterior[s] ?? 0)
  const shown =
    states.length <= FEW_STATES
      ? states
      : states
          .filter((s) => most(s) >= PROBABLE)
          .toSorted((a, b) => most(b) - most(a))
          .slice(0, FEW_STATES)
          .toSorted((a, b) => a - b)
  const likeliest = posterior.indexOf(Math.max(...posterior))
  const share = (p: number) => `${percent(p).padStart(PERCENT)} ${bar(p, columns.bar)}`
  const lines = shown.map((s) => {
    const name = cut(values[s] ?? '', columns.label).padEnd(columns.label)
    const text = `${' '.repeat(INDENT)}${name}  ${share(prior[s] ?? 0)}  → ${share(posterior[s] ?? 0)}`
    return { text, likely: s === likeliest }
  })
  const rest = states.length - shown.length
  return rest === 0
    ? lines
    : [...lines, { text: `    … ${plural(rest, 'less probable state')}`, likely: false }]
}
