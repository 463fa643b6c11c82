// Nested arrays, entry by entry: what the plain formulae beside it are written in.

export type Nested = number | readonly Nested[]

export function entry(tensor: Nested, index: readonly number[]): number {
  let inner: Nested = tensor
  for (const i of index) inner = typeof inner === 'number' ? Number.NaN : (inner[i] ?? Number.NaN)
  return typeof inner === 'number' ? inner : Number.NaN
}

/** Every index into a tensor of these lengths, the last one fastest. */
export const indices = (lengths: readonly number[]): number[][] =>
  lengths.reduce<number[][]>(
    (before, length) => before.flatMap((index) => Array.from({ length }, (_, i) => [...index, i])),
    [[]],
  )

export const lengthOf = (tensor: Nested): number => (typeof tensor === 'number' ? 1 : tensor.length)

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

export const dot = (a: readonly number[], b: readonly number[]): number =>
  sum(a.map((value, i) => value * (b[i] ?? Number.NaN)))

export function softmax(values: readonly number[]): number[] {
  const most = Math.max(...values)
  const raised = values.map((value) => Math.exp(value - most))
  return raised.map((value) => value / sum(raised))
}

/** A tensor of the same shape, each entry by its old value and index. */
export const mapped = (
  tensor: Nested,
  of: (value: number, index: number[]) => number,
  at: number[] = [],
): Nested =>
  typeof tensor === 'number' ? of(tensor, at) : tensor.map((inner, i) => mapped(inner, of, [...at, i]))

/** The furthest that two of one shape are apart anywhere; infinite where the shapes are two. */
export function apart(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return Number.isNaN(a - b) ? Infinity : Math.abs(a - b)
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return Infinity
  return Math.max(0, ...a.map((value, i) => apart(value, b[i])))
}
