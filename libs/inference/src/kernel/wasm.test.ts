// The batched kernel against the reference: the same agents, the same observations, the same numbers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Model, type ModelOptions, type Tensor } from '@cohort/contracts'
import { validateModel } from '../model/check/validate.js'
import { compileModel } from '../model/compile.js'
import { mapModel } from '../model/compiled.js'
import { describeModel } from '../model/describe.js'
import { ROW } from '../row/layout.js'
import { writeInitialRows } from '../row/write.js'
import { makeScratch } from '../scratch.js'
import { slotLayout, slotShape } from '../slot.js'
import { madeModel, numbers } from '../testing/models.js'
import { KERNEL_FREE, kernelMemory, kernelOf, Kernels } from './kernels.js'
import { stepRows } from './reference.js'

const MODELS = 10_000
const ROWS = 5
const TICKS = 2
/** Relative to max(1, |expected|). */
const TOLERANCE = 1e-9
const WANT = { qPi: true, G: true, vfe: false, terms: false }
const EXTRAS = { soft: true, terms: false }

/** One memory for all: each reserves gigabytes of addresses. */
const memory = kernelMemory(2 ** 23)
const kernels = Kernels.in(memory)

type Draw = ReturnType<typeof numbers>
const upTo = (random: Draw, most: number): number => 1 + Math.floor(random() * most)
const oneOf = <T>(random: Draw, choices: readonly T[]): T =>
  choices[Math.floor(random() * choices.length)] as T

/** Of one to three factors, with any option that the batched kernel covers. */
function drawn(seed: number): Model {
  const random = numbers(seed)
  const factors = oneOf(random, [1, 1, 2, 3])
  const of = <T>(count: number, each: () => T): T[] => Array.from({ length: count }, each)
  const exact = factors === 1 && random() < 0.3
  const several: ModelOptions = {
    sweeps: oneOf(random, ['simultaneous', 'sequential']),
    computeVfe: random() < 0.7,
  }
  const options: ModelOptions = {
    policyLen: oneOf(random, factors === 3 ? [1, 2] : [1, 1, 2, 3]),
    actionSelection: oneOf(random, ['deterministic', 'stochastic']),
    samplingMode: oneOf(random, ['marginal', 'full']),
    useUtility: random() < 0.8,
    useStatesInfoGain: random() < 0.8,
    ...(exact ? { inference: 'exact' as const } : factors > 1 ? several : {}),
  }
  const model = madeModel({
    numStates: of(factors, () => upTo(random, factors === 1 ? 12 : 4)),
    numObs: of(upTo(random, 3), () => upTo(random, 5)),
    numControls: of(factors, () => upTo(random, factors === 3 ? 2 : 3)),
    zeros: oneOf(random, [0, 0, 0.5, 0.8]),
    coupled: random() < 0.3,
    listed: random() < 0.2,
    seed,
    options,
  })
  // Hardly possible transitions: their predictions fall under the threshold of the information gain.
  return random() < 0.2 ? { ...model, B: model.B.map((matrix) => crumbled(matrix, random)) } : model
}

const crumbled = (of: Tensor, random: Draw): Tensor =>
  of.map((entry) =>
    typeof entry !== 'number' ? crumbled(entry, random) : entry === 0 && random() < 0.5 ? 1e-9 : entry,
  )

/** The same rows twice, one slot a kernel; null where the model is refused by its size. */
function open(model: Model) {
  const valid = validateModel(model, DEFAULT_LIMITS)
  const info = describeModel(valid)
  const layout = slotLayout(slotShape(info, EXTRAS), ROWS)
  const bytes = compileModel(valid)
  const { buffer } = memory
  const first = KERNEL_FREE + Math.ceil(bytes.length / 64) * 64
  const slots = [first, first + layout.bytes] as const
  new Uint8Array(buffer, KERNEL_FREE).set(bytes)
  const compiled = mapModel(buffer, KERNEL_FREE)
  for (const at of slots) {
    new Uint8Array(buffer, at, layout.bytes).fill(0)
    const out = new Uint8Array(buffer, at + layout.rows, ROWS * info.rowBytes)
    writeInitialRows({ model: valid, seed: 7, from: 0, out })
    new Float64Array(buffer, at + layout.expectedStep, ROWS).fill(-1)
  }
  const task = { model: compiled, buffer, rows: ROWS, from: 0, to: ROWS, want: WANT, extras: EXTRAS }
  const scratch = makeScratch(compiled)
  return { info, layout, compiled, slots, task: { ...task, scratch } }
}

type Opened = ReturnType<typeof open>

/** Any outcome, now and then nothing, now and then a distribution. */
function observe({ info, layout, slots }: Opened, random: Draw): void {
  const { numObs } = info.shapes
  const outcomes = numObs.reduce((sum, count) => sum + count, 0)
  let before = 0
  numObs.forEach((count, m) => {
    for (let row = 0; row < ROWS; row++) {
      const kind = random()
      const seen = kind < 0.1 ? -1 : kind < 0.2 ? -2 : Math.floor(random() * count)
      const weights = Array.from({ length: count }, () => random() + 0.01)
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (const at of slots) {
        new Int32Array(memory.buffer, at + layout.obs, ROWS * numObs.length)[m * ROWS + row] = seen
        const soft = new Float64Array(memory.buffer, at + layout.soft, ROWS * outcomes)
        weights.forEach((weight, o) => (soft[row * outcomes + before + o] = weight / total))
      }
    }
    before += count
  })
}

/** The largest difference in all that comes out, and where; whole numbers must be equal. */
function apart({ info, layout, compiled, slots }: Opened): number {
  const { policies, shapes, rowBytes } = info
  const controls = shapes.numControls.length
  const [one, other] = slots
  const whole = (at: number, length: number) =>
    slots.map((slot) => [...new Int32Array(memory.buffer, slot + at, length)])
  const sections: [number, number][] = [
    [layout.qPi, ROWS * policies],
    [layout.G, ROWS * policies],
    [layout.margin, ROWS * controls],
    [layout.iterations, ROWS],
  ]
  for (const [at, length] of [
    [layout.errors, ROWS],
    [layout.notes, ROWS],
    [layout.actions, ROWS * controls],
  ] as const)
    assert.deepEqual(...(whole(at, length) as [number[], number[]]))
  for (let row = 0; row < ROWS; row++) {
    const at = layout.rows + row * rowBytes
    assert.deepEqual(...(whole(at, ROW.state / 4) as [number[], number[]]))
    sections.push([at + ROW.state, compiled.states])
  }
  let most = 0
  for (const [at, length] of sections) {
    const expected = new Float64Array(memory.buffer, one + at, length)
    const got = new Float64Array(memory.buffer, other + at, length)
    for (let i = 0; i < length; i++) {
      const error = Math.abs(got[i] - expected[i]) / Math.max(1, Math.abs(expected[i]))
      if (!(error <= most)) most = Number.isNaN(error) ? Infinity : error
    }
  }
  return most
}

test(`${MODELS} random models: none is apart from the reference by more than ${TOLERANCE}`, () => {
  let compared = 0
  for (let seed = 1; compared < MODELS; seed++) {
    const opened = open(drawn(seed))
    assert.equal(kernelOf(opened.compiled), 'wasm', `seed ${seed}`)
    const random = numbers(-seed)
    for (let tick = 0; tick < TICKS; tick++) {
      observe(opened, random)
      const [one, other] = opened.slots
      stepRows({ ...opened.task, slot: one })
      kernels.stepRows({ ...opened.task, slot: other })
      const most = apart(opened)
      assert.ok(most <= TOLERANCE, `seed ${seed}, tick ${tick}: ${most}`)
    }
    compared += 1
  }
})

const TWO = { numStates: [3, 2], numObs: [3], numControls: [2, 2], seed: 5 }

test('what the batched kernel does not cover goes to the reference, by the model alone', () => {
  const kinds: Readonly<Record<string, Model>> = {
    learning: madeModel({ ...TWO, counts: true }),
    'counts that are only read': madeModel({ ...TWO, counts: true, options: { useParamInfoGain: true } }),
    'message passing': madeModel({ ...TWO, options: { inference: 'messagePassing', window: 2 } }),
    search: madeModel({ ...TWO, options: { planning: 'sophisticated', horizon: 2 } }),
    'a plan that is kept': madeModel({ ...TWO, options: { policyLen: 2, planEvery: 2 } }),
    goals: madeModel({ ...TWO, goal: true }),
  }
  for (const [kind, model] of Object.entries(kinds))
    assert.equal(kernelOf(open(model).compiled), 'reference', kind)
  assert.equal(kernelOf(open(madeModel(TWO)).compiled), 'wasm')
})
