// The doctor's report as lines that a person reads: a sign and a word for each check, aligned under its area.
import type { styleText } from 'node:util'
import { plural } from '../view/words.js'
import { AREAS, type Check, type DoctorReport, type Status } from './check.js'

type Style = Parameters<typeof styleText>[0]

/** Nothing hangs on the colour, nor on the sign: the word says the same. */
const SIGNS: Readonly<Record<Status, { sign: string; style: Style }>> = {
  ok: { sign: '✓', style: 'green' },
  note: { sign: '!', style: 'yellow' },
  off: { sign: '–', style: 'gray' },
  fault: { sign: '✗', style: 'red' },
}

/** `paint` colours a text, or leaves it. */
export function reportLines(report: DoctorReport, paint: (style: Style, text: string) => string): string[] {
  const width = Math.max(...report.checks.map(({ name }) => name.length))
  const lines = AREAS.flatMap((area) => {
    const checks = report.checks.filter((check) => check.area === area)
    return checks.length === 0
      ? []
      : [paint('bold', area), ...checks.flatMap((check) => linesOf(check, width, paint)), '']
  })
  return [...lines, verdict(report)]
}

function linesOf(
  { name, status, found, chosen, why, mend }: Check,
  width: number,
  paint: (style: Style, text: string) => string,
): string[] {
  const { sign, style } = SIGNS[status]
  const head = `  ${paint(style, `${sign} ${status.padEnd(5)}`)}  ${name.padEnd(width)}  `
  const under = ' '.repeat(2 + 2 + 5 + 2 + width + 2)
  return [
    `${head}${found}`,
    ...(chosen === undefined ? [] : [`${under}→ ${chosen}`]),
    ...(why === undefined ? [] : [`${under}because ${why}`]),
    ...(mend === undefined ? [] : [`${under}${mend}`]),
  ]
}

function verdict({ ok, checks }: DoctorReport): string {
  const count = (status: Status) => checks.filter((check) => check.status === status).length
  const rest = `${count('ok')} ok, ${plural(count('note'), 'note')}, ${count('off')} off`
  return ok
    ? `Cohort can run here: ${rest}.`
    : `${plural(count('fault'), 'thing')} must be changed first (✗); ${rest}.`
}
