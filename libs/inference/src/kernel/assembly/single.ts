// The kernel's number in single precision, sixteen agents in a tile: stands for real.ts in the build that has it.
import { CONSTANTS_OF_SINGLE, LINE as LINE_BYTES } from '../words'

export const SINGLE: bool = true
/** Bytes of one number for each agent of a tile. */
export const LINE: u32 = LINE_BYTES
export const SIZE: u32 = 4
/** Agents in a tile, and in a vector. */
export const LANES: i32 = 16
export const PER_VECTOR: i32 = 4
/** Weights so near to the best are as good: 24 bits cannot tell pymdp's 1e-8. */
export const TIE: f64 = 1e-5

@inline export function splat(x: f64): v128 { return f32x4.splat(<f32>x) }
@inline export function splatAt(p: usize): v128 { return v128.load32_splat(p) }
@inline export function add(a: v128, b: v128): v128 { return f32x4.add(a, b) }
@inline export function sub(a: v128, b: v128): v128 { return f32x4.sub(a, b) }
@inline export function mul(a: v128, b: v128): v128 { return f32x4.mul(a, b) }
@inline export function div(a: v128, b: v128): v128 { return f32x4.div(a, b) }
@inline export function abs(a: v128): v128 { return f32x4.abs(a) }
/** b where it is greater, else a. */
@inline export function max(a: v128, b: v128): v128 { return f32x4.pmax(a, b) }
@inline export function gt(a: v128, b: v128): v128 { return f32x4.gt(a, b) }
@inline export function ge(a: v128, b: v128): v128 { return f32x4.ge(a, b) }
@inline export function get(p: usize): f64 { return <f64>load<f32>(p) }
@inline export function put(p: usize, x: f64): void { store<f32>(p, <f32>x) }
/** The number of the first lane. */
@inline export function first(a: v128): f64 { return <f64>f32x4.extract_lane(a, 0) }
/** Whether all lanes of a mask are set. */
@inline export function allTrue(a: v128): bool { return v128.all_true<i32>(a) }

/** Constants of `log` and `exp`: real.ts says why they are in memory. */
let constants: usize = 0

@inline function constant(index: i32): v128 { return v128.load(constants + (index << 4)) }
@inline function keep(index: i32, value: v128): void { v128.store(constants + (index << 4), value) }

/** Writes the constants to `CONSTANT_BYTES` of scratch, once an instance. */
export function prepare(at: usize): void {
  if (constants === at + CONSTANTS_OF_SINGLE) return
  constants = at + CONSTANTS_OF_SINGLE
  keep(TO_ROOT_HALF, i32x4.splat(0x004afb0d))
  keep(BIAS, i32x4.splat(127))
  keep(ONE, splat(1))
  keep(HALF, splat(0.5))
  keep(L1, splat(3.3333331174e-1))
  keep(L2, splat(-2.4999993993e-1))
  keep(L3, splat(2.0000714765e-1))
  keep(L4, splat(-1.6668057665e-1))
  keep(L5, splat(1.4249322787e-1))
  keep(L6, splat(-1.242014084e-1))
  keep(L7, splat(1.167699874e-1))
  keep(L8, splat(-1.151461031e-1))
  keep(L9, splat(7.0376836292e-2))
  keep(LN2_HIGH, splat(0.693359375))
  keep(LN2_LOW, splat(-2.12194440e-4))
  keep(LOG2_E, splat(1.442695040888963387))
  keep(E1, splat(5.0000001201e-1))
  keep(E2, splat(1.6666665459e-1))
  keep(E3, splat(4.1665795894e-2))
  keep(E4, splat(8.3334519073e-3))
  keep(E5, splat(1.3981999507e-3))
  keep(E6, splat(1.9875691500e-4))
  keep(LEAST, splat(-87))
}

const TO_ROOT_HALF = 0
const BIAS = 1
const ONE = 2
const HALF = 3
const L1 = 4
const L2 = 5
const L3 = 6
const L4 = 7
const L5 = 8
const L6 = 9
const L7 = 10
const L8 = 11
const L9 = 12
const LN2_HIGH = 13
const LN2_LOW = 14
const LOG2_E = 15
const E1 = 16
const E2 = 17
const E3 = 18
const E4 = 19
const E5 = 20
const E6 = 21
const LEAST = 22

/** a + b·c */
@inline function plus(a: i32, b: v128, c: v128): v128 { return add(constant(a), mul(b, c)) }

/**
 * ln x of normal positive numbers, error about 1 ulp: x = 2^k·m with m in [√½, √2], ln m from a polynomial in m − 1
 * (the coefficients of Cephes' `logf`, Moshier 1989).
 */
@inline
export function log(x: v128): v128 {
  const exponent = i32x4.shr_u(i32x4.add(x, constant(TO_ROOT_HALF)), 23)
  const biased = i32x4.sub(exponent, constant(BIAS))
  const m = i32x4.sub(x, i32x4.shl(biased, 23))
  const k = f32x4.convert_i32x4_s(biased)
  const f = sub(m, constant(ONE))
  const z = mul(f, f)
  const high = plus(L5, f, plus(L6, f, plus(L7, f, plus(L8, f, constant(L9)))))
  const p = plus(L1, f, plus(L2, f, plus(L3, f, plus(L4, f, high))))
  const rest = add(mul(mul(f, z), p), mul(k, constant(LN2_LOW)))
  return add(add(sub(rest, mul(z, constant(HALF))), f), mul(k, constant(LN2_HIGH)))
}

/**
 * e^x for x ≤ 88, error about 1 ulp; 0 below −87, near the logarithm of the smallest normal number. x = k·ln 2 + r with
 * |r| ≤ ½ ln 2, e^r from a polynomial (the coefficients of Cephes' `expf`, Moshier 1989).
 */
@inline
export function exp(x: v128): v128 {
  const k = f32x4.nearest(mul(x, constant(LOG2_E)))
  const r = sub(sub(x, mul(k, constant(LN2_HIGH))), mul(k, constant(LN2_LOW)))
  const p = plus(E1, r, plus(E2, r, plus(E3, r, plus(E4, r, plus(E5, r, constant(E6))))))
  const power = add(add(mul(mul(r, r), p), r), constant(ONE))
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(k), constant(BIAS)), 23)
  return v128.and(mul(power, scale), ge(x, constant(LEAST)))
}

/** In double precision two agents at a time are gathered; here each is put by itself. */
@inline export function gather(p: usize, q: usize): v128 { return v128.load64_zero(p) }
