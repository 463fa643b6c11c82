// What is done with lines, numbers of a tile's agents: copied, added, joined, normalised.
import { add, div, exp, LINE, max, mul, splat, sub } from './real'

/** pymdp's stabiliser under every logarithm. */
export const EPS: f64 = 1e-16

@inline export function copyLines(from: usize, to: usize, lines: u32): void { memory.copy(to, from, lines * LINE) }

/** to += from, one line each. */
@inline
export function addLine(from: usize, to: usize): void {
  v128.store(to, add(v128.load(to), v128.load(from)))
  v128.store(to, add(v128.load(to, 16), v128.load(from, 16)), 16)
  v128.store(to, add(v128.load(to, 32), v128.load(from, 32)), 32)
  v128.store(to, add(v128.load(to, 48), v128.load(from, 48)), 48)
}

/** out[i, s] = out[i] · q[s], in place, from the end: each line is read before its place is written over. */
export function joinLines(out: usize, size: u32, q: usize, states: u32): u32 {
  for (let i = size; i-- > 0; ) {
    const from = out + i * LINE
    const a = v128.load(from)
    const b = v128.load(from, 16)
    const c = v128.load(from, 32)
    const d = v128.load(from, 48)
    for (let s = states; s-- > 0; ) {
      const to = out + (i * states + s) * LINE
      const by = q + s * LINE
      v128.store(to, mul(a, v128.load(by)))
      v128.store(to, mul(b, v128.load(by, 16)), 16)
      v128.store(to, mul(c, v128.load(by, 32)), 32)
      v128.store(to, mul(d, v128.load(by, 48)), 48)
    }
  }
  return size * states
}

/** Divides lines by their sum, lane by lane. */
export function normalise(weights: usize, lines: usize): void {
  for (let lane: usize = 0; lane < LINE; lane += 16) {
    let total = splat(0)
    for (let i = lane; i < lines; i += LINE) total = add(total, v128.load(weights + i))
    for (let i = lane; i < lines; i += LINE) v128.store(weights + i, div(v128.load(weights + i), total))
  }
}

/** One vector of lanes: replaces log weights, a line apart, by the distribution that they stand for. */
export function softmax(weights: usize, lines: usize): void {
  let most = v128.load(weights)
  for (let i: usize = LINE; i < lines; i += LINE) most = max(most, v128.load(weights + i))
  let total = splat(0)
  for (let i: usize = 0; i < lines; i += LINE) {
    const weight = exp(sub(v128.load(weights + i), most))
    v128.store(weights + i, weight)
    total = add(total, weight)
  }
  const share = div(splat(1), total)
  for (let i: usize = 0; i < lines; i += LINE) v128.store(weights + i, mul(v128.load(weights + i), share))
}
