// Holds measured values against a limit and its list of exceptions, in both directions.
import type { Exception } from './exceptions.js'

export interface Measured {
  readonly at: string
  readonly value: number
}

/** A sentence for each value over the limit, and for each exception that is no longer needed. */
export function overLimit(
  values: readonly Measured[],
  limit: number,
  exceptions: readonly Exception[],
): string[] {
  const over = values.filter(({ value }) => value > limit)
  const faults = over
    .filter(({ at, value }) => !exceptions.some((one) => one.at === at && value <= one.most))
    .map(({ at, value }) => `${at}: ${value}, at most ${limit}`)
  const stale = exceptions
    .filter((one) => !over.some(({ at }) => at === one.at))
    .map(({ at }) => `${at}: its exception is not needed any more`)
  return [...faults, ...stale]
}
