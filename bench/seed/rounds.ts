// Things that stand ready, measured in turn; and what is told of their rates: rows, efficiencies, ratios.
import type { RunOptions } from '../support/benchmark.js'
import type { Ratio, Row } from '../support/report.js'
import { ratioOf, roundOrders, type Spread, spreadOf } from '../support/statistics.js'

export interface Entry {
  readonly name: string
  /** Something a second. */
  measure(): Promise<number>
  close(): Promise<void> | void
}

/** What was measured, round by round, by name. */
export type Figures = ReadonlyMap<string, readonly number[]>

export async function inRounds(
  entries: readonly Entry[],
  { rounds, signal }: Pick<RunOptions, 'rounds' | 'signal'>,
): Promise<Figures> {
  const figures = new Map<string, number[]>(entries.map(({ name }) => [name, []]))
  for (const order of roundOrders(entries, rounds)) {
    for (const { name, measure } of order) {
      signal.throwIfAborted()
      figures.get(name)?.push(await measure())
    }
  }
  return figures
}

export interface About {
  readonly case: string
  readonly unit: string
}

export const ratesOf = (about: About, figures: Figures): Row[] =>
  [...figures].map(([variant, values]) => rowOf({ ...about, variant }, values))

export const rowOf = (about: About & { readonly variant: string }, values: readonly number[]): Row => ({
  ...about,
  ...rounded(spreadOf(values)),
  runs: values.length,
})

/** One of several workers' rates by what so many of one alone would come to. */
export interface Efficiency {
  readonly variant: string
  readonly of: string
  readonly alone: string
  readonly workers: number
}

/** None where one of the two was not measured. */
export function efficiencyOf(name: string, figures: Figures, wanted: Efficiency): Row[] {
  const { variant, workers } = wanted
  const [of, alone] = [figures.get(wanted.of), figures.get(wanted.alone)]
  if (of === undefined || alone === undefined) return []
  const shares = of.map((rate, round) => (100 * rate) / (workers * alone[round]))
  return [rowOf({ case: name, variant, unit: '%' }, shares)]
}

/** None where one of the two was not measured. */
export function ratiosOf(
  name: string,
  figures: Figures,
  pairs: readonly (readonly [of: string, to: string])[],
): Ratio[] {
  return pairs.flatMap(([of, to]) => {
    const [ofRates, toRates] = [figures.get(of), figures.get(to)]
    if (ofRates === undefined || toRates === undefined || of === to) return []
    const { median, min, max } = rounded(ratioOf(ofRates, toRates))
    return [{ case: name, of, to, value: median, min, max }]
  })
}

export const closeAll = async (entries: readonly Entry[]): Promise<void> => {
  for (const { close } of entries) await close()
}

function rounded({ median, min, max }: Spread): Spread {
  const digits = (value: number): number => Number(value.toPrecision(4))
  return { median: digits(median), min: digits(min), max: digits(max) }
}
