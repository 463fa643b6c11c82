// Promises of single precision: how near it is to double, that rows stay sound, and what it is refused with.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Model, type ModelOptions } from '@cohort/contracts'
import fc from 'fast-check'
import { validateModel } from '../model/check/validate.js'
import { describeModel } from '../model/describe.js'
import { ROW } from '../row/layout.js'
import { writeInitialRows } from '../row/write.js'
import { madeModel, numbers } from '../testing/models.js'
import { refusal } from '../testing/refusal.js'
import { SINGLE_KERNEL } from './binary.js'
import { kernelMemory } from './kernels.js'
import { ownSlot } from './own-slot.js'
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
const module = new WebAssembly.Module(Uint8Array.from(atob(SINGLE_KERNEL), (sign) => sign.charCodeAt(0)))
const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as Exports
const AT = 4096

function computed(name: keyof Exports, value: number): number {
  const floats = new Float32Array(memory.buffer, AT, 32).fill(value)
  kernel[name](64, AT, AT + 64, 16)
  return floats[16]
}

/** By how many units in the last place of a 32-bit number. */
const ulps = (got: number, exact: number): number =>
  Math.abs(got - exact) / 2 ** Math.max(-149, Math.floor(Math.log2(Math.abs(exact))) - 23)

test('ln x and e^x are within 2 units in the last place of 32-bit numbers', () => {
  const normal = fc.float({ min: Math.fround(1.2e-38), max: Math.fround(3e38), noNaN: true })
  const near = fc.float({ min: Math.fround(0.7), max: Math.fround(1.5), noNaN: true })
  fc.assert(
    fc.property(fc.oneof(normal, near), (x) => {
      const [got, exact] = [computed('logAll', x), Math.log(x)]
      assert.ok(x === 1 ? got === 0 : ulps(got, exact) <= 2, `ln ${x}: ${got} for ${exact}`)
    }),
    { numRuns: 3000 },
  )
  fc.assert(
    fc.property(fc.float({ min: -87, max: 88, noNaN: true }), (x) => {
      const [got, exact] = [computed('expAll', x), Math.exp(x)]
      assert.ok(ulps(got, exact) <= 2, `e^${x}: ${got} for ${exact}`)
    }),
    { numRuns: 3000 },
  )
  assert.deepEqual(
    [-87.5, -1e30, -Infinity, 0].map((x) => computed('expAll', x)),
    [0, 0, 0, 1],
  )
})

const ROWS = 20
const WANT = { qPi: true, G: true, vfe: false, terms: false }
const EXTRAS = { soft: false, terms: false }

function open(model: Model, precision: 'double' | 'single') {
  const valid = validateModel({ ...model, options: { ...model.options, precision } }, DEFAULT_LIMITS)
  const { rowBytes, shapes, policies } = describeModel(valid)
  const own = ownSlot(valid, { rows: ROWS, extras: EXTRAS })
  const { buffer, slot, layout } = own
  const rows = new Uint8Array(buffer, slot + layout.rows, ROWS * rowBytes)
  writeInitialRows({ model: valid, seed: 7, from: 0, out: rows })
  const f64 = (at: number, count: number) => new Float64Array(buffer, slot + at, count)
  return {
    ...own,
    valid,
    rows,
    seen: new Int32Array(buffer, slot + layout.obs, ROWS * shapes.numObs.length),
    errors: new Int32Array(buffer, slot + layout.errors, ROWS),
    notes: new Int32Array(buffer, slot + layout.notes, ROWS),
    qPi: f64(layout.qPi, ROWS * policies),
    G: f64(layout.G, ROWS * policies),
    beliefs: (row: number) => f64(layout.rows + row * rowBytes + ROW.state, own.model.states),
  }
}

const most = (got: ArrayLike<number>, expected: ArrayLike<number>): number => {
  let apart = 0
  for (let i = 0; i < got.length; i++)
    apart = Math.max(apart, Math.abs(got[i] - expected[i]) / Math.max(1, Math.abs(expected[i])))
  return apart
}

/** Of one or two factors, one or two modalities. */
function drawn(seed: number): Model {
  const random = numbers(seed)
  const size = (upTo: number) => 2 + Math.floor(random() * upTo)
  const several = random() < 0.4
  const options: ModelOptions = {
    policyLen: several ? 1 : 1 + Math.floor(random() * 3),
    gamma: 4,
    ...(several ? { computeVfe: false } : {}),
  }
  return madeModel({
    numStates: several ? [size(3), size(3)] : [size(10)],
    numObs: random() < 0.5 ? [size(4)] : [size(4), size(3)],
    numControls: several ? [2, 2] : [3],
    zeros: random() < 0.5 ? 0 : 0.5,
    seed,
    options,
  })
}

test('1,000 random models: beliefs, G and q_pi are near those in double precision, and rows stay sound', () => {
  const apart = { beliefs: 0, G: 0, qPi: 0 }
  for (let seed = 1; seed <= 1000; seed++) {
    const [double, single] = [open(drawn(seed), 'double'), open(drawn(seed), 'single')]
    const random = numbers(-seed)
    for (let tick = 0; tick < 4; tick++) {
      double.valid.numObs.forEach((outcomes, m) => {
        for (let row = 0; row < ROWS; row++)
          double.seen[m * ROWS + row] = Math.floor(random() * (outcomes + 1)) - 1
      })
      single.seen.set(double.seen)
      // Each step from the same rows: where actions are nearly as good, the two may choose otherwise.
      if (tick > 0) single.rows.set(double.rows)
      double.step(WANT)
      single.step(WANT)
      assert.deepEqual([...single.errors], [...double.errors])
      assert.deepEqual([...single.notes], [...double.notes], `seed ${seed}`)
      apart.G = Math.max(apart.G, most(single.G, double.G))
      apart.qPi = Math.max(apart.qPi, most(single.qPi, double.qPi))
      for (let row = 0; row < ROWS; row++)
        apart.beliefs = Math.max(apart.beliefs, most(single.beliefs(row), double.beliefs(row)))
    }
  }
  // Beliefs are worst where the sweeps over several factors oscillate, and double the error each time.
  assert.ok(apart.beliefs < 2e-4 && apart.G < 2e-5 && apart.qPi < 5e-5, JSON.stringify(apart))
  assert.ok(apart.beliefs > 1e-8, 'a comparison that can fail')
})

test('agents in single precision live on: a thousand steps leave every row a distribution', () => {
  const single = open(madeModel({ numStates: [12], numObs: [5], numControls: [3], seed: 9 }), 'single')
  const random = numbers(3)
  for (let tick = 0; tick < 1000; tick++) {
    for (let row = 0; row < ROWS; row++) single.seen[row] = Math.floor(random() * 5)
    single.step(WANT)
    assert.ok(single.errors.every((error) => error === 0))
  }
  for (let row = 0; row < ROWS; row++)
    assert.ok(Math.abs(single.beliefs(row).reduce((sum, p) => sum + p, 0) - 1) < 1e-12)
})

test('single precision is refused with what the batched kernel does not do, each by its name', () => {
  const shape = { numStates: [3], numObs: [3], numControls: [2], seed: 5 }
  const refused: readonly [Model, RegExp][] = [
    [madeModel({ ...shape, options: { inference: 'exact' } }), /without inference: fixedPoint/],
    [madeModel({ ...shape, options: { inference: 'messagePassing' } }), /without inference: fixedPoint/],
    [madeModel({ ...shape, options: { planning: 'sophisticated' } }), /without planning: policies/],
    [madeModel({ ...shape, options: { policyLen: 2, planEvery: 2 } }), /without planEvery: 1/],
    [madeModel({ ...shape, counts: true }), /without a model without counts/],
    [madeModel({ ...shape, goal: true }), /without a model without goal states/],
  ]
  // Policies that fill the kernel's scratch: 7,776 of five steps.
  const wide = { ...DEFAULT_LIMITS, agentBytes: 2 ** 20 }
  const many = madeModel({ ...shape, numControls: [6], options: { policyLen: 5 } })
  assert.match(
    refusal({ ...many, options: { ...many.options, precision: 'single' } }, wide).message,
    /options.precision is for the batched kernel, which has no room .*, got "single", expected double/,
  )
  for (const [model, told] of refused) {
    const options: ModelOptions = { ...model.options, precision: 'single' }
    assert.match(refusal({ ...model, options }).message, told)
  }
})
