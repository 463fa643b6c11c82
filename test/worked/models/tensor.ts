// How the worked examples' models are written: an array of a shape, each entry by a rule over its indices.
import type { Tensor } from '@cohort/contracts'

/** `tensor([2, 3], (row, column) => …)` is nested arrays, 2 of 3 numbers; true is 1 and false 0. */
export function tensor(lengths: readonly number[], rule: (...at: number[]) => number | boolean): Tensor {
  const fill = (at: readonly number[]): number | Tensor =>
    at.length === lengths.length
      ? Number(rule(...at))
      : Array.from({ length: lengths[at.length] ?? 0 }, (_, i) => fill([...at, i]))
  return fill([]) as Tensor
}

export const uniform = (length: number): number[] => Array.from({ length }, () => 1 / length)

export const certain = (length: number, at: number): number[] =>
  Array.from({ length }, (_, i) => Number(i === at))
