// An explanation as lines for a terminal: what the columns mean, then step after step.
import { plural } from '../view/words.js'
import { beliefLines, sightLines } from './belief-lines.js'
import type { ExplainedStep, Explanation } from './explained.js'
import { learnedLines } from './learned-lines.js'
import type { Page } from './page.js'
import { planLines } from './plan-lines.js'
import { besideG, type Part } from './plan-value.js'
import { reasonLines } from './reason-lines.js'
import { BESIDE_G, PARTS, wrapped } from './wording.js'

const TITLE = 15

export function explanationLines({ policies, steps }: Explanation, page: Page): string[] {
  return [...introduction(policies, steps, page), ...steps.flatMap((step) => stepLines(step, policies, page))]
}

function introduction(
  policies: Explanation['policies'],
  steps: readonly ExplainedStep[],
  page: Page,
): string[] {
  const { names, width } = page
  const list = (kind: 'factors' | 'modalities') =>
    names[kind].map(({ name, values }) => `${name} (one of ${values.length})`).join(', ')
  const scene = `has beliefs about ${list('factors')}; it sees ${list('modalities')}.`
  const length = plural(policies[0]?.length ?? 0, 'step')
  const plans = steps.flatMap((step) => step.plans)
  const pruned = plans.some((plan) => plan.pruned)
  const parts = [...new Set(plans.flatMap((plan) => Object.keys(plan.parts) as Part[]))].filter(
    (part) => part !== 'notLookedAt' || pruned,
  )
  const beside = [...new Set(steps.flatMap((step) => besideG(step.plans)))]
  const line = (title: string, means: string) => `  ${title.padEnd(TITLE)}${means}`
  return [
    ...wrapped('The agent ', scene, width),
    `It weighs ${plural(policies.length, 'plan')} of ${length}. G is what a plan is worth, in nats, the sum of`,
    ...parts.map((part) => line(PARTS[part].title, PARTS[part].means)),
    `Chance is how likely it takes the plan: only differences of G count${beside.length === 0 ? '.' : ', and of'}`,
    ...beside.map((kind) => line(kind, BESIDE_G[kind])),
    `Bars: how far a part is above or below its average over all plans${pruned ? ' looked at' : ''}.`,
  ]
}

const stepLines = (step: ExplainedStep, policies: Explanation['policies'], page: Page): string[] => [
  '',
  page.paint('bold', `── step ${step.step} `.padEnd(page.width, '─')),
  ...sightLines(step, page),
  '',
  ...beliefLines(step, page),
  '',
  ...planLines(step, policies, page),
  '',
  ...reasonLines(step, policies, page),
  ...learnedLines(step, policies, page),
]

/** One ASCII character for each that is not, so that columns stay where they are. */
const ASCII: Readonly<Record<string, string>> = {
  '─': '-',
  '│': '|',
  '█': '#',
  '▐': '#',
  '▌': '#',
  '·': '.',
  '→': '>',
  '−': '-',
  '…': '~',
}

/** For terminals and files without such characters; names stay as they are given. */
export const asciiLine = (line: string): string =>
  line.replace(/[─│█▐▌·→−…]/g, (character) => ASCII[character] ?? '').replace(/[▏▎▍▋▊▉]/g, '#')
