// What was measured side by side → rows and ratios: throughput or latency, and the CPU time behind it.
import type { Compared, LoadCase, Round } from './compare.js'
import type { Ratio, Row } from './report.js'
import { percentile, ratioOf, spreadOf } from './statistics.js'

export interface CaseResult {
  readonly shape: LoadCase
  /** The first one is what the others are held against. */
  readonly compared: readonly Compared[]
}

/** One figure of a round that rounds are compared by; `undefined` where it was not measured. */
interface Figure {
  readonly case: string
  readonly unit: string
  readonly of: (round: Round) => number | undefined
}

export function rowsOf({ shape, compared }: CaseResult): Row[] {
  const rows = shape.shows === 'latency' ? compared.map((one) => latencyRow(shape, one)) : []
  return [...rows, ...rateFigures(shape).flatMap((figure) => compared.flatMap((one) => rateRow(figure, one)))]
}

/** Each of the others to the first. Of latencies (their p50) and CPU times less is better, of throughputs more. */
export function ratiosOf({ shape, compared: [first, ...others] }: CaseResult): Ratio[] {
  const figures = shape.shows === 'latency' ? [p50Figure(shape)] : rateFigures(shape)
  return figures.flatMap((figure) => others.flatMap((other) => ratio(figure, other, first)))
}

/** The part of one core that the load generator took, which shares the cores with what it measures. */
export function generatorPart({ compared }: CaseResult): number {
  const all = compared.flatMap(({ rounds }) => rounds)
  const cpu = all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
  return cpu / all.reduce((sum, { seconds }) => sum + seconds, 0)
}

function rateFigures({ name, shows }: LoadCase): Figure[] {
  if (shows === 'latency') return []
  return [
    { case: name, unit: 'steps/s', of: ({ steps, seconds }) => steps / seconds },
    {
      case: `${name}, CPU time`,
      unit: 'µs/step',
      of: ({ subjectCpuSeconds: cpu, steps }) => (cpu === undefined ? undefined : (1e6 * cpu) / steps),
    },
  ]
}

const p50Figure = ({ name }: LoadCase): Figure => ({
  case: name,
  unit: 'ms',
  of: ({ latenciesMs }) => percentile(latenciesMs, 50),
})

const valuesOf = (figure: Figure, { rounds }: Compared): number[] =>
  rounds.map(figure.of).filter((value) => value !== undefined)

function rateRow(figure: Figure, one: Compared): Row[] {
  const values = valuesOf(figure, one)
  if (values.length === 0) return []
  const { median, min, max } = spreadOf(values)
  return [
    {
      case: figure.case,
      variant: one.subject.variant.name,
      median: rounded(median),
      min: rounded(min),
      max: rounded(max),
      unit: figure.unit,
      runs: values.length,
    },
  ]
}

function latencyRow({ name }: LoadCase, { subject, rounds }: Compared): Row {
  const middle = (percent: number) =>
    rounded(spreadOf(rounds.map(({ latenciesMs }) => percentile(latenciesMs, percent))).median)
  return {
    case: name,
    variant: subject.variant.name,
    p50: middle(50),
    p95: middle(95),
    p99: middle(99),
    unit: 'ms',
    runs: rounds.length,
  }
}

function ratio(figure: Figure, of: Compared, to: Compared | undefined): Ratio[] {
  const base = to === undefined ? [] : valuesOf(figure, to)
  if (to === undefined || base.length === 0) return []
  const { median, min, max } = ratioOf(valuesOf(figure, of), base)
  const about = { case: figure.case, of: of.subject.variant.name, to: to.subject.variant.name }
  return [{ ...about, value: rounded(median), min: rounded(min), max: rounded(max) }]
}

/** Four digits say more than a run can; thousandths are enough of what is small. */
const rounded = (value: number): number =>
  value < 1000 ? Math.round(value * 1000) / 1000 : Math.round(value)
