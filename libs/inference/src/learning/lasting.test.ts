// What learning never does, however long: revive a zero, kill a column, or touch what is not the agent's own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Model, ModelOptions, Tensor } from '@cohort/contracts'
import fc from 'fast-check'
import { type AgentState, readRow } from '../row/read.js'
import { ROW } from '../row/layout.js'
import { ROW_POISONED } from '../slot.js'
import { madeModel, type Recipe } from '../testing/models.js'
import { seenSomehow, show } from '../testing/seen.js'
import { axesOf, entryOf, flat, indices, structured, structures } from '../testing/structured.js'
import { openTestSlot, outcomeOf, seenBy } from '../testing/test-slot.js'

const ALL = { A: {}, B: {}, D: {}, E: {} }
const STEPS = 50

const countsIn = ({ learned = {} }: AgentState): Tensor[] =>
  [learned.pA, learned.pB, learned.pD, [learned.pE ?? null]]
    .flatMap((lists) => lists ?? [])
    .filter((counts) => counts !== null)

/** A model all of whose counts are learned, habits with zeros among them. */
function learnerOf(structure: Parameters<typeof structured>[0], options: ModelOptions): Model {
  const { model, numControls } = structured(structure)
  const policies = numControls.reduce((all, own) => all * own, 1)
  const pE = Array.from({ length: policies }, (_, policy) => (policy % 2 === 1 ? 0 : 2))
  const total = pE.reduce<number>((sum, one) => sum + one, 0)
  const E = pE.map((count) => count / total)
  return { ...model, pE, E, options: { ...options, learning: { ...ALL, ...options.learning } } }
}

test('zeros stay zeros and no column dies, in fifty steps of learning everything', () => {
  const kinds: fc.Arbitrary<ModelOptions> = fc.constantFrom(
    {},
    { sweeps: 'sequential', learning: { when: 'beforePlanning', A: { forgetting: 0.3 } } },
    { inference: 'messagePassing', window: 2, numIter: 2, learning: { B: { rate: 50, forgetting: 1 } } },
  )
  const holed = structures.map((structure) => ({ ...structure, zeros: 0.5 }))
  fc.assert(
    fc.property(holed, kinds, (structure, options) => {
      const slot = openTestSlot(learnerOf(structure, options), 1)
      const before = countsIn(readRow(slot.info, slot.row(0)))
      const hard = options.inference === 'messagePassing'
      for (let tick = 0; tick < STEPS; tick++) {
        show(slot, 0, seenSomehow(structure.numObs, structure.seed + tick, hard))
        slot.step()
        assert.equal(slot.errors[0], 0)
      }
      const { mind } = slot.scratch
      for (const matrix of [...mind.A, ...mind.B.flat(), mind.logE]) assert.ok(matrix.every(Number.isFinite))
      countsIn(readRow(slot.info, slot.row(0))).forEach((counts, i) => {
        const [first, now] = [flat(before[i]), flat(counts)]
        assert.deepEqual(
          now.map((count) => count === 0),
          first.map((count) => count === 0),
        )
        assert.ok(now.every((count, k) => count >= first[k] && Number.isFinite(count)))
      })
    }),
    { numRuns: 40 },
  )
})

test('what is never seen again is forgotten back to where it began, and not beyond', () => {
  const structure = { numStates: [3], numObs: [3], numControls: [2], seed: 6, zeros: 0 }
  const model = learnerOf(structure, { learning: { A: { rate: 5, forgetting: 0.5 } } })
  const slot = openTestSlot(model, 1)
  const distance = () => {
    const now = readRow(slot.info, slot.row(0)).learned?.pA?.[0] ?? []
    return Math.max(...flat(now).map((count, i) => Math.abs(count - flat(model.pA?.[0] ?? [])[i])))
  }
  slot.observe(0, [1])
  slot.step()
  assert.ok(distance() > 1)
  slot.observe(0, [-1])
  for (let tick = 0; tick < 60; tick++) slot.step()
  assert.ok(distance() < 1e-12, String(distance()))
})

const RECIPE: Recipe = { numStates: [3, 2], numObs: [3, 2], numControls: [2, 2], seed: 3, counts: true }

test('an agent that learns leaves the model’s bytes and its neighbours as they are', () => {
  const model = madeModel({ ...RECIPE, options: { learning: ALL, useParamInfoGain: true } })
  const slot = openTestSlot(model, 3)
  const shared = new Uint8Array(slot.buffer, 64, slot.compiled.bytes)
  const before = [...shared].join()
  for (let tick = 0; tick < 5; tick++) {
    for (let row = 0; row < 3; row++) slot.observe(row, seenBy(RECIPE.numObs, row, tick))
    slot.step()
  }
  assert.equal([...shared].join(), before)
  for (let row = 0; row < 3; row++) {
    const alone = openTestSlot(model, 1)
    alone.row(0).set(openTestSlot(model, 3).row(row))
    for (let tick = 0; tick < 5; tick++) {
      alone.observe(0, seenBy(RECIPE.numObs, row, tick))
      alone.step()
    }
    assert.deepEqual(outcomeOf(alone, 0), outcomeOf(slot, row))
  }
})

const HARMS: readonly (readonly [string, (counts: Float64Array, column: readonly number[]) => void])[] = [
  ['NaN', (counts) => (counts[1] = Number.NaN)],
  ['a negative entry', (counts) => (counts[counts.length - 1] = -1)],
  ['infinity', (counts) => (counts[0] = Infinity)],
  ['a column of zeros', (counts, column) => column.forEach((i) => (counts[i] = 0))],
]

test('a row whose counts are no counts is poisoned, keeps its bytes, and harms no other', () => {
  const slotOf = () => openTestSlot(madeModel({ ...RECIPE, options: { learning: ALL } }), 2)
  for (const section of slotOf().info.row.slice(2)) {
    for (const [name, harm] of HARMS) {
      const [slot, sound] = [slotOf(), slotOf()]
      const entries = section.shape.reduce((all, length) => all * length, 1)
      const at = slot.at + slot.layout.rows + section.at
      harm(new Float64Array(slot.buffer, at, entries), lastColumn(section))
      const before = [...slot.row(0)].join()
      for (const one of [slot, sound]) one.observe(0, [1, 0])
      for (const one of [slot, sound]) one.observe(1, [0, 1])
      for (const one of [slot, sound]) one.step()
      const { row, error, action, G } = outcomeOf(slot, 0)
      assert.deepEqual([error, row, action], [ROW_POISONED, before, [0, 0]], `${name} in ${section.name}`)
      assert.ok(G.every((value) => value === 0))
      assert.deepEqual(outcomeOf(slot, 1), outcomeOf(sound, 1))
    }
  }
})

/** Where the entries of a section's last column stand; the last action's, of pB. */
function lastColumn({ name, shape }: { readonly name: string; readonly shape: readonly number[] }): number[] {
  const lengths = name === 'pB' ? shape.slice(1) : shape
  const size = lengths.reduce((all, length) => all * length, 1)
  const from = shape.reduce((all, length) => all * length, 1) - size
  const columns = size / lengths[0]
  return Array.from({ length: lengths[0] }, (_, i) => from + (i + 1) * columns - 1)
}

test('the sections of a row stand one behind the other, and its bytes are known from them', () => {
  fc.assert(
    fc.property(structures, (structure) => {
      const model = learnerOf(structure, {})
      const { info, row } = openTestSlot(model, 1)
      const counts = [model.pA, model.pB, model.pD, [model.pE]].flat() as Tensor[]
      const learned = counts.map((one) => indices(axesOf(one)).length)
      const entries = [...structure.numStates, ...learned]
      assert.deepEqual(
        info.row.map(({ shape }) => shape.reduce((all, length) => all * length, 1)),
        entries,
      )
      const state = entries.reduce((sum, one) => sum + one, 0)
      assert.equal(info.rowBytes, 32 * Math.ceil((ROW.state + 8 * state) / 32))
      countsIn(readRow(info, row(0))).forEach((one, i) =>
        indices(axesOf(one)).forEach((index) => assert.equal(entryOf(one, index), entryOf(counts[i], index))),
      )
    }),
  )
})
