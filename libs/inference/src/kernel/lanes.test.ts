// Promises of the batched kernel: a row's result hangs on its own bytes alone, and a bad row harms only itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '@cohort/contracts'
import { validateModel } from '../model/check/validate.js'
import { describeModel } from '../model/describe.js'
import { ROW } from '../row/layout.js'
import { writeInitialRows } from '../row/write.js'
import { ROW_BAD_OBSERVATION, ROW_OK, ROW_POISONED, ROW_WRONG_STEP } from '../slot.js'
import { madeModel, type Recipe } from '../testing/models.js'
import { seenBy } from '../testing/test-slot.js'
import { KERNEL, SINGLE_KERNEL } from './binary.js'
import { ownSlot } from './own-slot.js'

const ONE: Recipe = {
  numStates: [7],
  numObs: [4, 3],
  numControls: [3],
  seed: 3,
  zeros: 0.3,
  options: { policyLen: 2 },
}
const TWO: Recipe = { numStates: [3, 4], numObs: [4, 3], numControls: [2, 3], seed: 4 }
const LOTS: Recipe = { ...ONE, options: { actionSelection: 'stochastic' } }
const SINGLE: Recipe = { ...ONE, numObs: [4], options: { policyLen: 2, precision: 'single' } }
const SINGLES: Recipe = { ...TWO, options: { precision: 'single' } }
const KINDS: Readonly<Record<string, Recipe>> = {
  'one factor': ONE,
  'two factors': TWO,
  'lots drawn': LOTS,
  'single precision': SINGLE,
  'single precision, two factors': SINGLES,
}
const WANT = { qPi: true, G: true, vfe: false, terms: false }
const ALL = { qPi: true, G: true, vfe: true, terms: true }
const EXTRAS = { soft: false, terms: true }
const AGENTS = 40
const TICKS = 3

/** Agents by number in a slot of their own, in this order. */
function open(recipe: Recipe, agents: readonly number[]) {
  const valid = validateModel(madeModel(recipe), DEFAULT_LIMITS)
  const info = describeModel(valid)
  const rows = agents.length
  const own = ownSlot(valid, { rows, extras: EXTRAS })
  const { buffer, slot, layout, model } = own
  assert.equal(own.kernel, 'wasm')
  const row = (i: number) => new Uint8Array(buffer, slot + layout.rows + i * info.rowBytes, info.rowBytes)
  agents.forEach((agent, i) => writeInitialRows({ model: valid, seed: 7, from: agent, out: row(i) }))
  const obs = new Int32Array(buffer, slot + layout.obs, rows * info.shapes.numObs.length)
  const observe = (tick: number) =>
    agents.forEach((agent, i) =>
      seenBy(info.shapes.numObs, agent, tick).forEach((outcome, m) => (obs[m * rows + i] = outcome)),
    )
  const f64 = (at: number, length: number) => [...new Float64Array(buffer, slot + at, length)]
  const i32 = (at: number, length: number) => [...new Int32Array(buffer, slot + at, length)]
  const controls = info.shapes.numControls.length
  /** Every byte that a step leaves of a row. */
  const result = (i: number) => ({
    row: [...row(i)].join(),
    error: i32(layout.errors, rows)[i],
    note: i32(layout.notes, rows)[i],
    actions: Array.from({ length: controls }, (_, c) => i32(layout.actions, rows * controls)[c * rows + i]),
    qPi: f64(layout.qPi + 8 * i * model.policies, model.policies).join(),
    G: f64(layout.G + 8 * i * model.policies, model.policies).join(),
    iterations: f64(layout.iterations, rows)[i],
    margins: Array.from({ length: controls }, (_, c) => f64(layout.margin, rows * controls)[c * rows + i]),
  })
  return { ...own, info, row, obs, observe, f64, result, rows }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** After some steps, by agent. */
function played(recipe: Recipe, batches: readonly (readonly number[])[]) {
  const results: unknown[] = []
  for (const agents of batches) {
    const slot = open(recipe, agents)
    for (let tick = 0; tick < TICKS; tick++) {
      slot.observe(tick)
      slot.step(WANT)
    }
    agents.forEach((agent, i) => (results[agent] = slot.result(i)))
  }
  return results
}

for (const [kind, recipe] of Object.entries(KINDS)) {
  test(`${kind}: the same bits whatever the block, the lane and the order`, () => {
    const all = upTo(AGENTS)
    const whole = played(recipe, [all])
    assert.deepEqual(played(recipe, [all.toReversed()]), whole)
    for (const size of [1, 3, 8, 13, 16]) {
      const cut = upTo(Math.ceil(AGENTS / size)).map((i) => all.slice(i * size, (i + 1) * size))
      assert.deepEqual(played(recipe, cut), whole, `blocks of ${size}`)
    }
  })

  test(`${kind}: a bad row says why, keeps its bytes and shows nothing; the others are as without it`, () => {
    const [sound, harmed] = [open(recipe, upTo(AGENTS)), open(recipe, upTo(AGENTS))]
    for (const slot of [sound, harmed]) {
      slot.observe(0)
      slot.step(WANT)
      slot.observe(1)
    }
    const belief = (row: number) =>
      new Float64Array(harmed.row(row).buffer, harmed.row(row).byteOffset + ROW.state, 1)
    const bad: Readonly<Record<number, number>> = {
      3: ROW_POISONED,
      9: ROW_POISONED,
      17: ROW_POISONED,
      18: ROW_WRONG_STEP,
      25: ROW_BAD_OBSERVATION,
    }
    belief(3)[0] = Number.NaN
    belief(9)[0] = Infinity
    belief(17)[0] = -0.5
    new Float64Array(harmed.buffer, harmed.slot + harmed.layout.expectedStep, AGENTS)[18] = 5
    harmed.obs[25] = harmed.info.shapes.numObs[0] ?? 0
    const before = upTo(AGENTS).map((row) => [...harmed.row(row)].join())
    sound.step(WANT)
    harmed.step(WANT)
    for (const row of upTo(AGENTS)) {
      if (bad[row] === undefined) {
        assert.deepEqual(harmed.result(row), sound.result(row), `row ${row}`)
        continue
      }
      const { row: bytes, error, note, actions, qPi, G, iterations, margins } = harmed.result(row)
      assert.deepEqual([error, note, iterations, bytes], [bad[row], 0, 0, before[row]])
      assert.ok([...actions, ...margins].every((one) => one === 0) && /^[0,]*$/.test(qPi + G))
    }
  })

  test(`${kind}: what is wanted beside the step changes no byte of it, and is the reference's`, () => {
    const [plain, told, free] = [0, 1, 2].map(() => open(recipe, upTo(AGENTS)))
    assert.ok(plain !== undefined && told !== undefined && free !== undefined)
    const valid = validateModel(madeModel(recipe), DEFAULT_LIMITS)
    const reference = ownSlot(valid, { rows: AGENTS, extras: EXTRAS, only: 'reference' })
    const rows = AGENTS * told.info.rowBytes
    const at = reference.slot + reference.layout.rows
    writeInitialRows({ model: valid, seed: 7, from: 0, out: new Uint8Array(reference.buffer, at, rows) })
    for (const slot of [plain, told, free]) slot.observe(0)
    new Int32Array(reference.buffer, reference.slot + reference.layout.obs, told.obs.length).set(told.obs)
    plain.step(WANT)
    told.step(ALL)
    free.step({ ...WANT, vfe: true })
    reference.step(ALL)
    for (const row of upTo(AGENTS)) {
      assert.deepEqual(told.result(row), plain.result(row))
      assert.deepEqual(free.result(row), plain.result(row))
    }
    const { layout } = reference
    const f64 = (offset: number, length: number) => [
      ...new Float64Array(reference.buffer, reference.slot + offset, length),
    ]
    assert.deepEqual(told.f64(layout.vfe, AGENTS), f64(layout.vfe, AGENTS))
    assert.deepEqual(free.f64(layout.vfe, AGENTS), f64(layout.vfe, AGENTS))
    const terms = (AGENTS * told.info.termBytes) / 8
    assert.deepEqual(told.f64(layout.terms, terms), f64(layout.terms, terms))
    assert.ok(upTo(AGENTS).every((row) => told.result(row).error === ROW_OK))
  })
}

test('no module has data of its own: a thread that is replaced writes over nobody’s scratch', () => {
  for (const code of [KERNEL, SINGLE_KERNEL]) {
    const sections = sectionsOf(code)
    const DATA = 11
    assert.ok(sections.includes(10) && !sections.includes(DATA), sections.join())
  }
})

/** The kinds of a module's sections. */
function sectionsOf(code: string): number[] {
  const bytes = Uint8Array.from(atob(code), (sign) => sign.charCodeAt(0))
  const sections: number[] = []
  for (let at = 8; at < bytes.length;) {
    sections.push(bytes[at++])
    let [length, shift] = [0, 0]
    for (;;) {
      const byte = bytes[at++]
      length += (byte & 0x7f) * 2 ** shift
      shift += 7
      if (byte < 0x80) break
    }
    at += length
  }
  return sections
}
