// Measures contenders on shapes and blocks: warm-up, rounds in changing order, microseconds a step and ratios of them.
import type { RunOptions } from '../support/benchmark.js'
import type { Ratio, Row } from '../support/report.js'
import { ratioOf, roundOrders, spreadOf } from '../support/statistics.js'
import type { Contender, Runner } from './contender.js'
import type { Shape } from './shapes.js'
import { STEPS, streamOf } from './stream.js'

export interface StepFindings {
  readonly rows: readonly Row[]
  readonly ratios: readonly Ratio[]
}

interface Entry {
  readonly name: string
  readonly runner: Runner
  /** Passes of one measurement. */
  readonly times: number
  /** Microseconds a step, round by round. */
  readonly figures: number[]
}

interface Measuring extends Pick<RunOptions, 'rounds' | 'seconds' | 'signal' | 'say'> {
  readonly contenders: readonly Contender[]
}

/** Each of the contenders that can, in blocks of so many agents; and what each takes beside ours. */
export async function measureSteps(
  shape: Shape,
  blocks: readonly number[],
  options: Measuring,
): Promise<StepFindings> {
  options.say(`${shape.name}: ${shape.about}`)
  const stream = streamOf(shape)
  const rows: Row[] = []
  const ratios: Ratio[] = []
  for (const block of blocks) {
    const entries: Entry[] = []
    try {
      for (const { name, prepare } of options.contenders) {
        options.signal.throwIfAborted()
        const runner = await prepare(stream, block)
        if (runner === undefined) continue
        await runner.run(1)
        const once = await runner.run(1)
        entries.push({ name, runner, times: Math.max(1, Math.round(options.seconds / once)), figures: [] })
      }
      for (const order of roundOrders(entries, options.rounds)) {
        for (const entry of order) await measure(entry, options.signal)
      }
    } finally {
      for (const { runner } of entries) runner.close()
    }
    const about = { case: shape.name, block }
    rows.push(
      ...entries.map(({ name, figures }) => ({ ...about, variant: name, ...roundedAll(figures) })),
      ...entries.flatMap(({ name, runner: { readySeconds: took } }) =>
        took === undefined
          ? []
          : [{ ...about, variant: `${name}, until ready`, ...roundedAll([took]), unit: 's' }],
      ),
    )
    ratios.push(...ratiosOf(entries).map((ratio) => ({ ...about, ...ratio })))
  }
  return { rows, ratios }
}

async function measure({ runner, times, figures }: Entry, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  figures.push((1e6 * (await runner.run(times))) / (times * STEPS * runner.agents))
}

const roundedAll = (figures: readonly number[]) => {
  const { median, min, max } = spreadOf(figures)
  return {
    median: rounded(median),
    min: rounded(min),
    max: rounded(max),
    unit: 'µs/step' as const,
    runs: figures.length,
  }
}

/** What users run, against each of the others: above 1 it takes less time. */
const OURS = 'wasm64'

function ratiosOf(entries: readonly Entry[]): Omit<Ratio, 'case'>[] {
  const ours = entries.find(({ name }) => name === OURS)
  if (ours === undefined) return []
  return entries
    .filter((entry) => entry !== ours)
    .map(({ name, figures }) => {
      const { median, min, max } = ratioOf(figures, ours.figures)
      return { of: name, to: OURS, value: rounded(median), min: rounded(min), max: rounded(max) }
    })
}

const rounded = (value: number): number => Number(value.toPrecision(4))
