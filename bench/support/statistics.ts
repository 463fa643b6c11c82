// The few statistics that benchmarks need: middles and ends of repeated runs, and the order of what is compared.

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The middle one; of an even count the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return (at(sorted, Math.ceil(half) - 1) + at(sorted, Math.floor(half))) / 2
}

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
})

/** The smallest value that at least `percent` of all values do not exceed. NaN of none. */
export function percentile(values: ArrayLike<number>, percent: number): number {
  const sorted = Float64Array.from(values).sort()
  return at(sorted, Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1))
}

/**
 * How one thing compares to another that was measured in the same rounds: of each round its ratio, and of these the
 * spread. A machine that is slower for a while is slower for both.
 */
export const ratioOf = (of: readonly number[], to: readonly number[]): Spread =>
  spreadOf(of.map((value, round) => value / at(to, round)))

/**
 * The order of each round. Each takes each place equally often, and comes before and after each other: rotated from
 * round to round, then the same backwards. Six rounds of three things are their six orders.
 */
export function roundOrders<T>(things: readonly T[], rounds: number): T[][] {
  return Array.from({ length: rounds }, (_, round) => {
    const from = round % things.length
    const rotated = [...things.slice(from), ...things.slice(0, from)]
    return Math.floor(round / things.length) % 2 === 0 ? rotated : rotated.reverse()
  })
}

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN
