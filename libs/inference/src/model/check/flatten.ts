// Turns nested arrays into flat ones and names every entry that is not what it must be.
import { counted, rounded, SUM_TOLERANCE, type Tensor } from '@cohort/contracts'
import type { Faults } from './faults.js'

export interface Target {
  /** How the tensor is called in a fault: `B[0]`. */
  readonly path: string
  /** What each axis counts, in words. */
  readonly axes: readonly string[]
  readonly lengths: readonly number[]
  readonly faults: Faults
}

/** The entries row-major, −0 as 0. Each must be a finite number, and where `nonNegative`, none below zero. */
export function flatten(tensor: Tensor, target: Target, nonNegative: boolean): Float64Array {
  const flat = new Float64Array(product(target.lengths))
  fill(tensor, { ...target, nonNegative, flat, next: 0, index: [], said: new Set() })
  return flat
}

interface Filling extends Target {
  readonly nonNegative: boolean
  readonly flat: Float64Array
  next: number
  /** Where the walk is: one position per axis entered. */
  readonly index: number[]
  /** Wrong lengths that were named: a list too long for one outcome is too long for each. */
  readonly said: Set<string>
}

function fill(value: unknown, filling: Filling): void {
  const { lengths, index, faults } = filling
  if (faults.full) return
  if (index.length === lengths.length) return fillEntry(value, filling)
  if (!Array.isArray(value) || value.length !== lengths[index.length]) return ragged(value, filling)
  for (let i = 0; i < value.length; i++) {
    index.push(i)
    fill(value[i], filling)
    index.pop()
  }
}

function ragged(value: unknown, { path, axes, lengths, index, faults, said }: Filling): void {
  const axis = index.length
  if (Array.isArray(value)) {
    const key = `${axis}:${value.length}`
    if (said.has(key)) return
    said.add(key)
  }
  const got = Array.isArray(value) ? value.length : value
  const has = Array.isArray(value) ? `has ${counted(value.length, 'entry', 'entries')}` : 'is not an array'
  const expected = `${lengths[axis]} (${axes[axis]})`
  faults.add(`${path}${subscript(index)}`, `axis ${axis} (${axes[axis]}) ${has}`, { got, expected })
}

function fillEntry(value: unknown, filling: Filling): void {
  const wrong = faultOfEntry(value, filling.nonNegative)
  const expected = filling.nonNegative ? 'a number of at least 0' : 'a finite number'
  if (wrong) filling.faults.add(`${filling.path}${subscript(filling.index)}`, wrong, { got: value, expected })
  // -0 + 0 is 0.
  else filling.flat[filling.next++] = (value as number) + 0
}

function faultOfEntry(value: unknown, nonNegative: boolean): string | undefined {
  if (typeof value !== 'number') return 'is not a number'
  if (!Number.isFinite(value)) return `is ${value}`
  if (nonNegative && value < 0) return 'is negative'
  return undefined
}

const subscript = (index: readonly number[]): string => (index.length === 0 ? '' : `[${index.join()}]`)

/** Every column over the first axis must sum to 1: `B[0][:,3,1] sums to 0.98`. */
export function checkColumns(flat: Float64Array, { path, lengths, faults }: Target): void {
  const columns = product(lengths.slice(1))
  for (let column = 0; column < columns; column++) {
    const sum = sumOf(flat, column, columns)
    if (Math.abs(sum - 1) <= SUM_TOLERANCE) continue
    const at = `${path}${subscriptOf(column, lengths)}`
    faults.add(at, `sums to ${rounded(sum)}`, { got: rounded(sum), expected: '1 ± 1e-6' })
    if (faults.full) return
  }
}

/** Where a column over the first axis stands: `[:,3,1]`; nothing where there is but one. */
export const subscriptOf = (column: number, lengths: readonly number[]): string =>
  lengths.length === 1 ? '' : `[${[':', ...unravel(column, lengths.slice(1))].join()}]`

/** Where an entry stands: `[0,3,1]`. */
export const entryOf = (entry: number, lengths: readonly number[]): string =>
  `[${unravel(entry, lengths).join()}]`

/** Σ flat[from + i · stride]. */
function sumOf(flat: Float64Array, from: number, stride: number): number {
  let sum = 0
  for (let i = from; i < flat.length; i += stride) sum += flat[i]
  return sum
}

function unravel(position: number, lengths: readonly number[]): number[] {
  const index: number[] = []
  let rest = position
  for (const length of lengths.toReversed()) {
    index.unshift(rest % length)
    rest = Math.floor(rest / length)
  }
  return index
}

const product = (lengths: readonly number[]): number => lengths.reduce((all, length) => all * length, 1)
