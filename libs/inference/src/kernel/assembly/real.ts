// The kernel's number: f64, two in a vector, eight agents in a tile. Every other file is written against these names.

import { LINE as LINE_BYTES } from '../words'

export const SINGLE: bool = false
/** Bytes of one number for each agent of a tile. */
export const LINE: u32 = LINE_BYTES
export const SIZE: u32 = 8
/** Agents in a tile, and in a vector. */
export const LANES: i32 = 8
export const PER_VECTOR: i32 = 2
/** Weights so near to the best are as good: pymdp's `select_highest`. */
export const TIE: f64 = 1e-8

@inline export function splat(x: f64): v128 { return f64x2.splat(x) }
@inline export function splatAt(p: usize): v128 { return v128.load64_splat(p) }
@inline export function add(a: v128, b: v128): v128 { return f64x2.add(a, b) }
@inline export function sub(a: v128, b: v128): v128 { return f64x2.sub(a, b) }
@inline export function mul(a: v128, b: v128): v128 { return f64x2.mul(a, b) }
@inline export function div(a: v128, b: v128): v128 { return f64x2.div(a, b) }
@inline export function abs(a: v128): v128 { return f64x2.abs(a) }
/** b where it is greater, else a. */
@inline export function max(a: v128, b: v128): v128 { return f64x2.pmax(a, b) }
@inline export function gt(a: v128, b: v128): v128 { return f64x2.gt(a, b) }
@inline export function ge(a: v128, b: v128): v128 { return f64x2.ge(a, b) }
@inline export function get(p: usize): f64 { return load<f64>(p) }
@inline export function put(p: usize, x: f64): void { store<f64>(p, x) }

/** The number of the first lane. */
@inline export function first(a: v128): f64 { return f64x2.extract_lane(a, 0) }
/** Whether all lanes of a mask are set. */
@inline export function allTrue(a: v128): bool { return v128.all_true<i64>(a) }

/**
 * Constants of `log` and `exp` are read from memory, where each is a vector: as immediates V8 builds them anew at every
 * use (a logarithm 2.7 → 2.2 ns). They lie in the thread's own scratch.
 */
let constants: usize = 0

@inline function constant(index: i32): v128 { return v128.load(constants + (index << 4)) }
@inline function keep(index: i32, value: v128): void { v128.store(constants + (index << 4), value) }

/** Writes the constants to `CONSTANT_BYTES` of scratch, once an instance. */
export function prepare(at: usize): void {
  if (constants === at) return
  constants = at
  keep(TO_ROOT_HALF, i64x2.splat(0x00095f619980c433))
  keep(BIAS, i64x2.splat(1023))
  keep(TWO_52, i64x2.splat(0x4330000000000000))
  keep(TWO_52_AND_BIAS, splat(4503599627371519.0))
  keep(ONE, splat(1))
  keep(HALF, splat(0.5))
  keep(TWO, splat(2))
  keep(L1, splat(6.66666666666673513e-1))
  keep(L2, splat(3.999999999940941908e-1))
  keep(L3, splat(2.857142874366239149e-1))
  keep(L4, splat(2.222219843214978396e-1))
  keep(L5, splat(1.818357216161805012e-1))
  keep(L6, splat(1.531383769920937332e-1))
  keep(L7, splat(1.479819860511658591e-1))
  keep(LN2_HIGH, splat(6.9314718036912381649e-1))
  keep(LN2_LOW, splat(1.90821492927058770002e-10))
  keep(LOG2_E, splat(1.442695040888963387))
  keep(E1, splat(1.66666666666666019037e-1))
  keep(E2, splat(-2.77777777770155933842e-3))
  keep(E3, splat(6.61375632143793436117e-5))
  keep(E4, splat(-1.6533902205465251539e-6))
  keep(E5, splat(4.13813679705723846039e-8))
  // 1.5·2^52 + 1023: what is added to it ends up in the last bits, as an exponent.
  keep(TO_EXPONENT, splat(6755399441056767.0))
  keep(LEAST, splat(-708))
}

const TO_ROOT_HALF = 0
const BIAS = 1
const TWO_52 = 2
const TWO_52_AND_BIAS = 3
const ONE = 4
const HALF = 5
const TWO = 6
const L1 = 7
const L2 = 8
const L3 = 9
const L4 = 10
const L5 = 11
const L6 = 12
const L7 = 13
const LN2_HIGH = 14
const LN2_LOW = 15
const LOG2_E = 16
const E1 = 17
const E2 = 18
const E3 = 19
const E4 = 20
const E5 = 21
const TO_EXPONENT = 22
const LEAST = 23

/** a + b·c */
@inline function plus(a: i32, b: v128, c: v128): v128 { return add(constant(a), mul(b, c)) }

/**
 * ln x of normal positive numbers, error under 1 ulp: x = 2^k·m with m in [√½, √2], ln m = 2·atanh(s) with
 * s = (m − 1)/(m + 1), a polynomial in s² (the coefficients of FreeBSD's msun `e_log.c`, Sun Microsystems 1993).
 */
@inline
export function log(x: v128): v128 {
  // The exponent after a shift that puts the border between two of them to √½.
  const exponent = i64x2.shr_u(i64x2.add(x, constant(TO_ROOT_HALF)), 52)
  const m = i64x2.sub(x, i64x2.shl(i64x2.sub(exponent, constant(BIAS)), 52))
  // The bits of 2^52 + exponent, less 2^52 + 1023.
  const k = sub(v128.or(exponent, constant(TWO_52)), constant(TWO_52_AND_BIAS))
  const f = sub(m, constant(ONE))
  const half = mul(mul(f, f), constant(HALF))
  const s = div(f, add(f, constant(TWO)))
  const z = mul(s, s)
  const w = mul(z, z)
  const even = mul(w, plus(L2, w, plus(L4, w, constant(L6))))
  const odd = mul(z, plus(L1, w, plus(L3, w, plus(L5, w, constant(L7)))))
  const rest = add(mul(s, add(half, add(odd, even))), mul(k, constant(LN2_LOW)))
  return sub(mul(k, constant(LN2_HIGH)), sub(sub(half, rest), f))
}

/**
 * e^x for x ≤ 709, error under 1 ulp; 0 below −708, near the logarithm of the smallest normal number. x = k·ln 2 + r
 * with |r| ≤ ½ ln 2, e^r from a polynomial in r² (the coefficients of FreeBSD's msun `e_exp.c`, Sun Microsystems 2004).
 */
@inline
export function exp(x: v128): v128 {
  const k = f64x2.nearest(mul(x, constant(LOG2_E)))
  const high = sub(x, mul(k, constant(LN2_HIGH)))
  const low = mul(k, constant(LN2_LOW))
  const r = sub(high, low)
  const t = mul(r, r)
  const c = sub(r, mul(t, plus(E1, t, plus(E2, t, plus(E3, t, plus(E4, t, constant(E5)))))))
  const power = add(constant(ONE), add(sub(div(mul(r, c), sub(constant(TWO), c)), low), high))
  const scale = i64x2.shl(add(k, constant(TO_EXPONENT)), 52)
  return v128.and(mul(power, scale), ge(x, constant(LEAST)))
}

/** What stands at `p` and `q`, in the first two lanes' order. */
@inline
export function gather(p: usize, q: usize): v128 {
  return v128.load64_lane(q, v128.load64_zero(p), 1)
}
