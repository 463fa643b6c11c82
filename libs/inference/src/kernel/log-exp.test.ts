// The batched kernel's own logarithm and exponential, against values correctly rounded from many more digits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KERNEL } from './binary.js'
import { kernelMemory } from './kernels.js'
import type { KernelMemory } from './wasm.js'

interface Exports {
  logAll(scratch: number, from: number, to: number, count: number): void
  expAll(scratch: number, from: number, to: number, count: number): void
}

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: { env: { memory: KernelMemory } }) => { exports: unknown }
}

const memory = kernelMemory(2 ** 16)
const module = new WebAssembly.Module(Uint8Array.from(atob(KERNEL), (sign) => sign.charCodeAt(0)))
const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as Exports
const AT = 4096
const COUNT = 64

function computed(name: keyof Exports, values: readonly number[]): number[] {
  const numbers = new Float64Array(memory.buffer, AT, 2 * COUNT)
  numbers.fill(1)
  numbers.set(values)
  kernel[name](64, AT, AT + 8 * COUNT, COUNT)
  return [...numbers.subarray(COUNT, COUNT + values.length)]
}

/** Numbers as integers over 2^200. */
const BITS = 200n
const UNIT = 1n << BITS
const times = (a: bigint, b: bigint): bigint => (a * b) >> BITS

/** x exactly, where it is not under 2^−100; smaller ones are scaled by the caller. */
function fixed(x: number): bigint {
  const words = new BigUint64Array(Float64Array.of(Math.abs(x)).buffer)
  const [word = 0n] = words
  const exponent = Number(word >> 52n)
  const mantissa = exponent === 0 ? 0n : (word & ((1n << 52n) - 1n)) | (1n << 52n)
  const shift = BigInt(exponent - 1075) + BITS
  const size = shift >= 0n ? mantissa << shift : mantissa >> -shift
  return x < 0 ? -size : size
}

/** 2·atanh(s) = 2 Σ s^(2k+1)/(2k+1). */
function logOfRatio(numerator: bigint, denominator: bigint): bigint {
  const s = ((numerator - denominator) << BITS) / (numerator + denominator)
  const square = times(s, s)
  let [sum, power] = [0n, s]
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k
    power = times(power, square)
  }
  return 2n * sum
}

const LN2 = logOfRatio(2n * UNIT, UNIT)

/** ln x = e·ln 2 + ln m with m in [1, 2). */
function exactLog(x: number): bigint {
  const [word = 0n] = new BigUint64Array(Float64Array.of(x).buffer)
  const exponent = BigInt(Number(word >> 52n) - 1023)
  const mantissa = ((word & ((1n << 52n) - 1n)) | (1n << 52n)) << (BITS - 52n)
  return exponent * LN2 + logOfRatio(mantissa, UNIT)
}

/** e^x = 2^k · e^r; both. */
function exactExp(x: number): { readonly k: number; readonly power: bigint } {
  const k = Math.round(x / Math.LN2)
  const r = fixed(x) - BigInt(k) * LN2
  let [sum, term] = [UNIT, UNIT]
  for (let i = 1n; term !== 0n; i++) {
    term = times(term, r) / i
    sum += term
    if (term === -1n) break
  }
  return { k, power: sum }
}

/** By how many units in the last place of `got` it is away from `exact`·2^scale. */
function ulps(got: number, exact: bigint, scale = 0): number {
  const [word = 0n] = new BigUint64Array(Float64Array.of(Math.abs(got)).buffer)
  const unit = Number(word >> 52n) - 1075
  // got/unit is a whole number of 53 bits; so exact/unit is compared in thousandths of it.
  const shift = BigInt(unit - scale) + BITS
  const wanted = shift >= 0n ? (1000n * exact) >> shift : (1000n * exact) << -shift
  const whole = Number(word >> 52n) === 0 ? 0n : (word & ((1n << 52n) - 1n)) | (1n << 52n)
  return Math.abs(Number(1000n * (got < 0 ? -whole : whole) - wanted)) / 1000
}

const positive = fc
  .tuple(fc.integer({ min: -1022, max: 1023 }), fc.double({ min: 1, max: 1.9999999999999998, noNaN: true }))
  .map(([exponent, m]) => m * 2 ** exponent)
const nearOne = fc.double({ min: 0.7, max: 1.5, noNaN: true })
const probability = fc.double({ min: 1e-16, max: 1, noNaN: true })

test('ln x is within 1 unit in the last place of every normal positive number', () => {
  let worst = 0
  const check = (x: number) => {
    const [got = Number.NaN] = computed('logAll', [x])
    const error = x === 1 ? Math.abs(got) : ulps(got, exactLog(x))
    worst = Math.max(worst, error)
    assert.ok(error <= 1, `ln ${x} is ${got}, ${error} ulp away`)
  }
  fc.assert(fc.property(fc.oneof(positive, nearOne, probability), check), { numRuns: 3000 })
  for (const x of [
    1,
    2,
    0.5,
    1e-16,
    1e-300,
    1e300,
    Math.SQRT1_2,
    Math.SQRT2,
    1 + 2 ** -52,
    1 - 2 ** -53,
    2 ** -1022,
  ])
    check(x)
  assert.ok(worst > 0.5, `a comparison that can fail: ${worst}`)
})

test('e^x is within 1 unit in the last place from −708 to 709, and 0 below', () => {
  let worst = 0
  const check = (x: number) => {
    const [got = Number.NaN] = computed('expAll', [x])
    const { k, power } = exactExp(x)
    const error = ulps(got, power, k)
    worst = Math.max(worst, error)
    assert.ok(error <= 1, `e^${x} is ${got}, ${error} ulp away`)
  }
  const any = fc.double({ min: -708, max: 709, noNaN: true })
  const small = fc.double({ min: -40, max: 1, noNaN: true })
  fc.assert(fc.property(fc.oneof(any, small), check), { numRuns: 3000 })
  for (const x of [0, 1, -1, 1e-300, -1e-17, 0.5 * Math.LN2, -708, 709]) check(x)
  assert.ok(worst > 0.5, `a comparison that can fail: ${worst}`)
  assert.deepEqual(computed('expAll', [-708.5, -745, -1e300, -Infinity]), [0, 0, 0, 0])
  assert.deepEqual(computed('expAll', [0, -0]), [1, 1])
})
