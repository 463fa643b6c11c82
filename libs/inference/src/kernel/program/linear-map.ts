// A matrix as the batched kernel multiplies it: only what is there, and what is the same for many rows once.
import { LINE, MAP_BACKGROUNDS, MAP_FOURS, MAP_NUMBERS, MAP_ONES, MAP_WORDS } from '../words.js'
import type { Tables } from './tables.js'

/** One row: κ·(a background · x) + Σ_i values[i]·x[columns[i]]. */
export interface MapRow {
  readonly columns: readonly number[]
  readonly values: readonly number[]
  /** Number of its background; −1 where it has none. */
  readonly background: number
  readonly kappa: number
}

export type Entries = Pick<MapRow, 'columns' | 'values'>

export interface LinearMap {
  readonly rows: readonly MapRow[]
  readonly backgrounds: readonly Entries[]
}

/** Multiplications that it takes. */
export const costOf = ({ rows, backgrounds }: LinearMap): number =>
  [...rows, ...backgrounds].reduce((sum, { columns }) => sum + columns.length, 0)

/** Views of the rows of a flat matrix. */
export function rowsOf(matrix: Float64Array, columns: number): Float64Array[] {
  return Array.from({ length: matrix.length / columns }, (_, row) =>
    matrix.subarray(row * columns, (row + 1) * columns),
  )
}

/** The entries that are not zero. */
export function entriesOf(row: ArrayLike<number>): Entries {
  const columns: number[] = []
  const values: number[] = []
  for (let i = 0; i < row.length; i++) {
    if (row[i] === 0) continue
    columns.push(i)
    values.push(row[i])
  }
  return { columns, values }
}

/** A row without a background. */
export const plainRow = (entries: Entries): MapRow => ({ ...entries, background: -1, kappa: 0 })

/**
 * Dense rows of numbers that are not negative. What is the same all along a row ("0.9 there, the rest spread evenly")
 * is taken times the sum of x, which all rows share. It is the row's least entry, so that what is left is not negative:
 * no sum loses digits to another, and a zero stays one.
 */
export function mapOf(rows: readonly ArrayLike<number>[]): LinearMap {
  return sharing(rows.map(splitRow), rows[0]?.length ?? 0)
}

/** A map over so many columns, of rows that have the sum of x as their background, or none. */
export function sharing(rows: readonly MapRow[], columns: number): LinearMap {
  const shared = rows.some(({ background }) => background === 0)
  const sum = {
    columns: Array.from({ length: columns }, (_, i) => i),
    values: new Array<number>(columns).fill(1),
  }
  return { rows, backgrounds: shared ? [sum] : [] }
}

/** Its least entry as background 0, where that saves more than half of the row. */
function splitRow(row: ArrayLike<number>): MapRow {
  let least = Infinity
  for (let i = 0; i < row.length; i++) least = Math.min(least, row[i])
  let same = 0
  for (let i = 0; i < row.length; i++) if (row[i] === least) same++
  if (!(least > 0) || 2 * same <= row.length) return plainRow(entriesOf(row))
  const rest = Float64Array.from(row, (value) => value - least)
  return { ...entriesOf(rest), background: 0, kappa: least }
}

/** Different rows once: which they are, and of each row which one it is. */
export function distinct<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
): { readonly rows: T[]; readonly of: number[] } {
  const found = new Map<string, number>()
  const kept: T[] = []
  const of = rows.map((row) => {
    const key = keyOf(row)
    const known = found.get(key) ?? kept.length
    if (known === kept.length) {
      found.set(key, known)
      kept.push(row)
    }
    return known
  })
  return { rows: kept, of }
}

/** Numbers that differ in the last four of 53 bits are the same: those digits come from the order of additions. */
export function keyOfNumbers(numbers: ArrayLike<number>): string {
  const halves = new Uint32Array(Float64Array.from(numbers, rounded).buffer)
  let key = ''
  for (let i = 0; i < halves.length; i++) key += String.fromCharCode(halves[i] & 0xffff, halves[i] >>> 16)
  return key
}

export const keyOfRow = ({ columns, values, background, kappa }: MapRow): string =>
  `${columns.join()}/${background}/${keyOfNumbers([kappa, ...values])}`

/** To 49 bits, after Veltkamp: Dekker, "A floating-point technique for extending the available precision", 1971. */
function rounded(x: number): number {
  const scaled = 17 * x
  return scaled - (scaled - x)
}

/** Encodes a map as assembly/linear-map.ts reads it; returns where it is. */
export function placeMap(tables: Tables, { rows, backgrounds }: LinearMap): number {
  const words: number[] = []
  const numbers: number[] = []
  for (const { columns, values } of backgrounds) {
    words.push(columns.length, ...columns.map((column) => column * LINE))
    numbers.push(...values)
  }
  const { fours, ones } = blocksOf(rows)
  for (const four of fours) {
    const [{ background, columns }] = four.map((row) => rows[row])
    words.push(columns.length, background + 1, ...four.map((row) => row * LINE))
    words.push(...columns.map((column) => column * LINE))
    numbers.push(...four.map((row) => rows[row].kappa))
    columns.forEach((_, i) => numbers.push(...four.map((row) => rows[row].values[i])))
  }
  for (const row of ones) {
    const { background, columns, values, kappa } = rows[row]
    words.push(columns.length, background + 1, row * LINE, ...columns.map((column) => column * LINE))
    numbers.push(kappa, ...values)
  }
  const head = new Uint32Array(MAP_WORDS)
  head[MAP_BACKGROUNDS] = backgrounds.length
  head[MAP_FOURS] = fours.length
  head[MAP_ONES] = ones.length
  head[MAP_NUMBERS] = tables.numbers(numbers)
  return tables.words([...head, ...words])
}

/** Rows that share columns and background by fours, the others alone. */
function blocksOf(rows: readonly MapRow[]): { readonly fours: number[][]; readonly ones: number[] } {
  const alike = new Map<string, number[]>()
  rows.forEach(({ columns, background }, row) => {
    const key = `${background}:${columns.join()}`
    alike.set(key, [...(alike.get(key) ?? []), row])
  })
  const fours: number[][] = []
  const ones: number[] = []
  for (const group of alike.values()) {
    let at = 0
    for (; at + 4 <= group.length; at += 4) fours.push(group.slice(at, at + 4))
    ones.push(...group.slice(at))
  }
  return { fours, ones }
}
