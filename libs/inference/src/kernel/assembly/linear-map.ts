// A matrix times the beliefs of a tile: only what is there is multiplied. Built by program/linear-map.ts
import { MAP_BACKGROUNDS, MAP_FOURS, MAP_NUMBERS, MAP_ONES } from '../words'
import { model, word } from './program'
import { add, LINE, mul, SIZE, splatAt } from './real'

/**
 * out[row] = κ[row]·(background · x) + Σ_i entry[row][i]·x[column i], for every row of the map at `map`. Rows that use
 * the same columns come in blocks of four, whose sums wait for none of each other's additions; the others alone. The
 * order of each sum is the map's own, so a lane's result hangs on nothing but its x. `background`: lines of scratch.
 */
export function apply(map: usize, x: usize, out: usize, background: usize): void {
  const backgrounds = word(map, MAP_BACKGROUNDS)
  const fours = word(map, MAP_FOURS)
  const ones = word(map, MAP_ONES)
  let numbers = model + word(map, MAP_NUMBERS)
  let at = map + 16
  for (let i: u32 = 0; i < backgrounds; i++) {
    const columns = load<u32>(at)
    const to = background + i * LINE
    v128.store(to, i64x2.splat(0))
    v128.store(to, i64x2.splat(0), 16)
    v128.store(to, i64x2.splat(0), 32)
    v128.store(to, i64x2.splat(0), 48)
    sumRow(at + 4, columns, numbers, x, to)
    at += 4 + (columns << 2)
    numbers += columns * SIZE
  }
  for (let i: u32 = 0; i < fours; i++) {
    const columns = load<u32>(at)
    beginRows(background, load<u32>(at, 4), numbers, at + 8, out)
    numbers += 4 * SIZE
    const first = at + 24
    sumFour(first, columns, numbers, x, at + 8, out, 0)
    sumFour(first, columns, numbers, x, at + 8, out, 32)
    at = first + (columns << 2)
    numbers += 4 * columns * SIZE
  }
  for (let i: u32 = 0; i < ones; i++) {
    const columns = load<u32>(at)
    const to = out + load<u32>(at, 8)
    beginRow(background, load<u32>(at, 4), numbers, to)
    numbers += SIZE
    sumRow(at + 12, columns, numbers, x, to)
    at += 12 + (columns << 2)
    numbers += columns * SIZE
  }
}

/** Four rows begin with their part of a background, or with nothing. */
@inline
function beginRows(background: usize, which: u32, kappas: usize, rows: usize, out: usize): void {
  for (let r: usize = 0; r < 4; r++) beginRow(background, which, kappas + r * SIZE, out + load<u32>(rows + (r << 2)))
}

/** `which`: 0 for none, else the background's number + 1. */
@inline
function beginRow(background: usize, which: u32, kappa: usize, to: usize): void {
  if (which === 0) {
    const nothing = i64x2.splat(0)
    v128.store(to, nothing)
    v128.store(to, nothing, 16)
    v128.store(to, nothing, 32)
    v128.store(to, nothing, 48)
    return
  }
  const from = background + (which - 1) * LINE
  const k = splatAt(kappa)
  v128.store(to, mul(k, v128.load(from)))
  v128.store(to, mul(k, v128.load(from, 16)), 16)
  v128.store(to, mul(k, v128.load(from, 32)), 32)
  v128.store(to, mul(k, v128.load(from, 48)), 48)
}

@inline
function sumRow(columns: usize, count: u32, numbers: usize, x: usize, to: usize): void {
  let a = v128.load(to)
  let b = v128.load(to, 16)
  let c = v128.load(to, 32)
  let d = v128.load(to, 48)
  for (let end = columns + (count << 2); columns < end; columns += 4) {
    const from = x + load<u32>(columns)
    const k = splatAt(numbers)
    a = add(a, mul(k, v128.load(from)))
    b = add(b, mul(k, v128.load(from, 16)))
    c = add(c, mul(k, v128.load(from, 32)))
    d = add(d, mul(k, v128.load(from, 48)))
    numbers += SIZE
  }
  v128.store(to, a)
  v128.store(to, b, 16)
  v128.store(to, c, 32)
  v128.store(to, d, 48)
}

/** Half a tile of four rows: eight sums and what they are made of fit in the registers. */
@inline
function sumFour(columns: usize, count: u32, numbers: usize, x: usize, rows: usize, out: usize, half: usize): void {
  const to0 = out + load<u32>(rows) + half
  const to1 = out + load<u32>(rows, 4) + half
  const to2 = out + load<u32>(rows, 8) + half
  const to3 = out + load<u32>(rows, 12) + half
  let a0 = v128.load(to0)
  let b0 = v128.load(to0, 16)
  let a1 = v128.load(to1)
  let b1 = v128.load(to1, 16)
  let a2 = v128.load(to2)
  let b2 = v128.load(to2, 16)
  let a3 = v128.load(to3)
  let b3 = v128.load(to3, 16)
  for (let end = columns + (count << 2); columns < end; columns += 4) {
    const from = x + load<u32>(columns) + half
    const xa = v128.load(from)
    const xb = v128.load(from, 16)
    let k = splatAt(numbers)
    a0 = add(a0, mul(k, xa))
    b0 = add(b0, mul(k, xb))
    k = splatAt(numbers + SIZE)
    a1 = add(a1, mul(k, xa))
    b1 = add(b1, mul(k, xb))
    k = splatAt(numbers + 2 * SIZE)
    a2 = add(a2, mul(k, xa))
    b2 = add(b2, mul(k, xb))
    k = splatAt(numbers + 3 * SIZE)
    a3 = add(a3, mul(k, xa))
    b3 = add(b3, mul(k, xb))
    numbers += 4 * SIZE
  }
  v128.store(to0, a0)
  v128.store(to0, b0, 16)
  v128.store(to1, a1)
  v128.store(to1, b1, 16)
  v128.store(to2, a2)
  v128.store(to2, b2, 16)
  v128.store(to3, a3)
  v128.store(to3, b3, 16)
}
