// Dirichlet counts in plain loops, in any of the ways.
import { type Beliefs, pick } from './beliefs.js'
import type { Knowledge } from './knowledge.js'
import { entry, lengthOf, mapped, type Nested, sum } from './tensor.js'
import type { Ways } from './ways.js'

const belief = (qs: Beliefs, index: readonly number[]): number =>
  index.reduce((all, s, i) => all * (qs[i]?.[s] ?? Number.NaN), 1)

const grow = (counts: Nested, { zerosStay }: Ways, by: (index: number[]) => number): Nested =>
  mapped(counts, (p, index) => (zerosStay && p === 0 ? 0 : p + by(index)))

export const countsOfA = (
  { aParents, pA }: Knowledge,
  ways: Ways,
  { qs, seen, rate }: { readonly qs: Beliefs; readonly seen: readonly number[]; readonly rate: number },
): Nested[] =>
  (pA ?? []).map((counts, m) =>
    grow(counts, ways, ([o, ...index]) =>
      o === seen[m] ? rate * belief(pick(qs, aParents[m] ?? []), index) : 0,
    ),
  )

interface Moved {
  readonly before: Beliefs
  readonly qs: Beliefs
  readonly action: readonly number[]
  readonly rate: number
}

export const countsOfB = ({ bParents, bControls, pB }: Knowledge, ways: Ways, moved: Moved): Nested[] =>
  (pB ?? []).map((counts, f) => {
    const parents = pick(moved.before, bParents[f] ?? [])
    const done = pick(moved.action, bControls[f] ?? [])
    return grow(counts, ways, ([next = 0, ...index]) => {
      const own = index.slice(parents.length)
      if (own.some((a, i) => a !== done[i])) return 0
      return (
        moved.rate * (moved.qs[f]?.[next] ?? Number.NaN) * belief(parents, index.slice(0, parents.length))
      )
    })
  })

/** Each column over the first axis divided by its sum. */
export const expected = (counts: readonly Nested[]): Nested[] =>
  counts.map((own) =>
    mapped(
      own,
      (p, [, ...column]) =>
        p / sum(Array.from({ length: lengthOf(own) }, (_, i) => entry(own, [i, ...column]))),
    ),
  )
