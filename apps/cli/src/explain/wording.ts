// The words of an explanation: plans, parts of G and numbers as a person reads them.
import type { Names } from './names.js'
import type { BesideG, Part } from './plan-value.js'

/** A column's title, that of a narrow one, and what it means. */
export const PARTS: Readonly<Record<Part, { title: string; short: string; means: string }>> = {
  utility: {
    title: 'preference',
    short: 'prefers',
    means: 'how well what it expects to see suits what it prefers',
  },
  statesInfoGain: {
    title: 'information',
    short: 'informs',
    means: 'how much that would tell it about the hidden states',
  },
  paramInfoGainA: {
    title: 'learning A',
    short: 'learn A',
    means: 'how much it would learn about what shows what',
  },
  paramInfoGainB: {
    title: 'learning B',
    short: 'learn B',
    means: 'how much it would learn about what leads where',
  },
  inductive: { title: 'goal', short: 'goal', means: 'what leaving the shortest way to its goal costs' },
  lookahead: { title: 'later', short: 'later', means: 'what the search found beyond the first step' },
  notLookedAt: {
    title: 'not looked at',
    short: 'unseen',
    means: 'what a plan loses whose first step is too improbable',
  },
}

/** What makes a plan probable beside its G. */
export const BESIDE_G: Readonly<Record<BesideG, string>> = {
  habit: 'ln E: how used it is to the plan',
  past: 'how well the plan explains what was seen',
}

/** −1.25, +0.50, 0.00: a real minus, and a sign where there is a difference. */
export function signed(value: number): string {
  const text = Math.abs(value).toFixed(2)
  if (Number(text) === 0) return text
  return `${value < 0 ? '−' : '+'}${text}`
}

/** −1.25, 0.50. */
export const plain = (value: number): string => signed(value).replace('+', '')

/** `cue → right arm`; `cue → [right arm]` where its step `now` is being done. */
export const planText = (names: Names, plan: readonly (readonly number[])[], now?: number): string =>
  plan
    .map((action, t) => (t === now ? `[${actionText(names, action)}]` : actionText(names, action)))
    .join(' → ')

/** Of the controls that have a choice: `left`, or `left + open`. */
function actionText({ controls }: Names, action: readonly number[]): string {
  const chosen = controls.flatMap(({ values }, c) =>
    values.length > 1 ? [values[action[c] ?? 0] ?? ''] : [],
  )
  return chosen.length === 0 ? 'wait' : chosen.join(' + ')
}

/** At most `width` characters. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`

/** Lines of at most `width` characters under a head; those after the first as far in as the head is long. */
export function wrapped(head: string, text: string, width: number): string[] {
  const room = width - head.length
  const lines = text.split(' ').reduce<string[]>((done, word) => {
    const last = done.at(-1)
    return last !== undefined && last.length + 1 + word.length <= room
      ? [...done.slice(0, -1), `${last} ${word}`]
      : [...done, word]
  }, [])
  return lines.map((line, i) => `${i === 0 ? head : ' '.repeat(head.length)}${line}`)
}
