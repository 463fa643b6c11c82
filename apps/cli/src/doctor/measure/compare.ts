// Compares two ways to compute the same: in turn, in changing order, by the ratio of each pair of rounds.

/** Computes a round of the same work; resolves when it is done. */
export type Round = () => Promise<void>

export interface Comparison {
  /** How many times as fast the first one is: the median of the pairs. */
  readonly ratio: number
  /** Of the pairs, the lowest and the highest. */
  readonly least: number
  readonly most: number
  readonly pairs: number
}

/**
 * Until `ms` have passed, at least 5 pairs. What makes the machine slow for a while makes both slow, and changes a pair
 * or two; `now` tells milliseconds.
 */
export async function compare(
  first: Round,
  second: Round,
  { ms, now }: { ms: number; now: () => number },
): Promise<Comparison> {
  const timed = async (round: Round) => {
    const from = now()
    await round()
    return now() - from
  }
  const ratios: number[] = []
  for (const until = now() + ms; ratios.length < LEAST_PAIRS || now() < until;) {
    // Whoever is second has a warmer machine, or one that is throttled already.
    if (ratios.length % 2 === 0) {
      const took = await timed(first)
      ratios.push((await timed(second)) / took)
    } else {
      const took = await timed(second)
      ratios.push(took / (await timed(first)))
    }
  }
  const sorted = ratios.toSorted((a, b) => a - b)
  return { ratio: medianOf(sorted), least: sorted.at(0) ?? 1, most: sorted.at(-1) ?? 1, pairs: sorted.length }
}

const LEAST_PAIRS = 5

function medianOf(sorted: readonly number[]): number {
  const [below = 1, above = 1] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ]
  return (below + above) / 2
}
