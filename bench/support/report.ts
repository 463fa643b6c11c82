// What a benchmark reports: one JSON object for programs, a table for people.
import type { Machine } from './machine.js'

/** A figure that was measured `runs` times. */
interface RateRow {
  readonly case: string
  /** Agents that step at once, where that differs from row to row. */
  readonly block?: number
  readonly variant: string
  /** Of scaling: threads or processes that compute, whether they are pinned, and their rate by that of one. */
  readonly threads?: number
  readonly pinned?: boolean
  readonly stepsPerSecond?: number
  readonly efficiency?: number
  readonly median: number
  readonly min: number
  readonly max: number
  readonly unit: string
  readonly runs: number
}

/** Percentiles of latencies: each the median over `runs`. */
interface LatencyRow {
  readonly case: string
  readonly variant: string
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly unit: 'ms'
  readonly runs: number
}

export type Row = RateRow | LatencyRow

/** One variant's figure by another's, taken in each run: the median of these, and both ends. */
export interface Ratio {
  readonly case: string
  readonly block?: number
  readonly of: string
  readonly to: string
  readonly value: number
  readonly min: number
  readonly max: number
}

/** What a benchmark found; it throws instead where an answer was wrong. */
export interface Findings {
  readonly rows: readonly Row[]
  readonly ratios: readonly Ratio[]
  readonly notes: readonly string[]
}

export interface Report extends Findings {
  readonly name: string
  readonly machine: Machine
  readonly commit: string
}

const ROW_HEADS = ['case', 'variant', 'figures', 'unit', 'runs']
const RATIO_HEADS = ['case', 'ratio', 'median', 'range']

export function tableOf(report: Report): string {
  const { rows, ratios, notes } = report
  return [
    headOf(report),
    '',
    ...columns([ROW_HEADS, ...rows.map(cellsOf)]),
    '',
    ...(ratios.length === 0 ? [] : [...columns([RATIO_HEADS, ...ratios.map(ratioCells)]), '']),
    ...notes.map((note) => `- ${note}`),
  ].join('\n')
}

/** For a page of documentation: the same, as tables of Markdown. */
export function markdownOf(report: Report): string {
  const { rows, ratios } = report
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const table = (heads: readonly string[], lines: readonly string[][]) =>
    lines.length === 0 ? [] : [line(heads), line(heads.map(() => '---')), ...lines.map(line), '']
  return [
    `${headOf(report)}.`,
    '',
    ...table(ROW_HEADS, rows.map(cellsOf)),
    ...table(...ratiosByCase(ratios)),
  ].join('\n')
}

function headOf({ name, machine, commit }: Report): string {
  const { cpu, cores, memoryGiB, system, node } = machine
  return `${name}, commit ${commit}, on ${cores} × ${cpu}, ${memoryGiB} GiB, ${system}, Node ${node}`
}

/** A line a ratio, a column a case. */
function ratiosByCase(ratios: readonly Ratio[]): [heads: string[], lines: string[][]] {
  const nameOf = ({ of, to }: Ratio) => `${of} to ${to}`
  const cases = [...new Set(ratios.map(caseOf))]
  const lines = [...Map.groupBy(ratios, nameOf)].map(([name, some]) => {
    const cells = cases.map((one) => some.find((ratio) => caseOf(ratio) === one))
    return [name, ...cells.map((ratio) => (ratio === undefined ? '' : medianAndRange(ratio)))]
  })
  return [['ratio', ...cases], lines]
}

const medianAndRange = ({ value, min, max }: Ratio): string =>
  `${shownRatio(value)} (${shownRatio(min)} to ${shownRatio(max)})`

const ratioCells = (ratio: Ratio): string[] => [
  caseOf(ratio),
  `${ratio.of} to ${ratio.to}`,
  shownRatio(ratio.value),
  `${shownRatio(ratio.min)} to ${shownRatio(ratio.max)}`,
]

function cellsOf(row: Row): string[] {
  const figures =
    'median' in row
      ? `median ${shown(row.median)} (${shown(row.min)} to ${shown(row.max)})${efficiencyOf(row)}`
      : `p50 ${shown(row.p50)}, p95 ${shown(row.p95)}, p99 ${shown(row.p99)}`
  return [caseOf(row), variantOf(row), figures, row.unit, String(row.runs)]
}

const efficiencyOf = ({ efficiency }: RateRow): string =>
  efficiency === undefined ? '' : `, efficiency ${efficiency.toFixed(3)}`

function variantOf(row: Row): string {
  if (!('threads' in row) || row.threads === undefined) return row.variant
  return `${row.variant}, ${row.threads}${row.pinned === undefined ? '' : row.pinned ? ', pinned' : ', unpinned'}`
}

const caseOf = (row: Row | Ratio): string =>
  'block' in row && row.block !== undefined ? `${row.case}, block ${row.block}` : row.case

const shown = (value: number): string =>
  value.toLocaleString('en-GB', { maximumFractionDigits: value < 1000 ? 2 : 0 })

const shownRatio = (value: number): string => (value < 100 ? value.toFixed(3) : shown(value))

function columns(lines: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(...lines.map((line) => (line[column] ?? '').length))
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(width(column)))
      .join('   ')
      .trimEnd(),
  )
}
