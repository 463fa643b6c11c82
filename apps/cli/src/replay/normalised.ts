// Counts as distributions: each column over the first axis divided by its sum.
import type { Tensor } from '@cohort/contracts'

export const normalised = (counts: Tensor): Tensor => {
  const sums = counts.reduce(plus)
  return counts.map((row) => over(row, sums))
}

type Nested = number | Tensor

const plus = (a: Nested, b: Nested): Nested => entrywise(a, b, (x, y) => x + y)
const over = (a: Nested, b: Nested): Nested => entrywise(a, b, (x, y) => x / y)

function entrywise(a: Nested, b: Nested, of: (x: number, y: number) => number): Nested {
  if (typeof a === 'number' || typeof b === 'number') return of(Number(a), Number(b))
  return a.map((entry, i) => entrywise(entry, b[i] ?? 0, of))
}
