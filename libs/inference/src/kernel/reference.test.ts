// Rows of a slot: each by itself, whatever its place and its neighbours; a bad one harms only itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ROW } from '../row/layout.js'
import { makeScratch } from '../scratch.js'
import {
  NOTE_IMPOSSIBLE,
  NOTE_PLAN_KEPT,
  ROW_BAD_OBSERVATION,
  ROW_OK,
  ROW_POISONED,
  ROW_WRONG_STEP,
} from '../slot.js'
import { stepRows } from './reference.js'
import { type TestSlot, openTestSlot, outcomeOf, seenBy } from '../testing/test-slot.js'
import { allKinds, madeModel, type Recipe } from '../testing/models.js'

const TICKS = 3
const AGENTS = 6
const RECIPE: Recipe = { numStates: [3, 2], numObs: [3, 2], numControls: [2, 2], seed: 3 }
const runs = { numRuns: 60 }

/** Agents `order[0]`, `order[1]`, … in the rows of a slot, stepped in the pieces that `cuts` makes. */
function run(
  recipe: Recipe,
  order: readonly number[],
  { cuts = [], gap = 0 }: { cuts?: number[]; gap?: number } = {},
) {
  const home = openTestSlot(madeModel(recipe), AGENTS)
  const slot = openTestSlot(madeModel(recipe), order.length, gap)
  order.forEach((agent, row) => slot.row(row).set(home.row(agent)))
  const borders = [0, ...cuts.filter((cut) => cut < order.length), order.length].sort((a, b) => a - b)
  for (let tick = 0; tick < TICKS; tick++) {
    order.forEach((agent, row) => slot.observe(row, seenBy(recipe.numObs, agent, tick)))
    for (let i = 1; i < borders.length; i++) slot.step(borders[i - 1], borders[i])
  }
  return new Map(order.map((agent, row) => [agent, outcomeOf(slot, row)]))
}

const ALL = Array.from({ length: AGENTS }, (_, agent) => agent)

test('agents in another order have the same results, bit by bit', () => {
  const orders = fc.shuffledSubarray(ALL, { minLength: 1 })
  fc.assert(
    fc.property(allKinds, orders, fc.nat(5), (recipe, order, gap) => {
      const expected = run(recipe, ALL)
      for (const [agent, outcome] of run(recipe, order, { gap }))
        assert.deepEqual(outcome, expected.get(agent))
    }),
    runs,
  )
})

test('cutting a batch anywhere changes no byte', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: AGENTS - 1 }))
  fc.assert(
    fc.property(allKinds, cuts, (recipe, at) =>
      assert.deepEqual(run(recipe, ALL, { cuts: at }), run(recipe, ALL)),
    ),
    runs,
  )
})

test('a step is the same whatever is wanted of it, and whether its parts are kept', () => {
  fc.assert(
    fc.property(allKinds, (recipe) => {
      const [explained, plain] = [openTestSlot(madeModel(recipe), 1), openTestSlot(madeModel(recipe), 1)]
      const scratch = makeScratch(plain.compiled)
      for (let tick = 0; tick < TICKS; tick++) {
        for (const slot of [explained, plain]) slot.observe(0, seenBy(recipe.numObs, 0, tick))
        explained.step()
        stepRows({ ...plain.task, scratch, want: { qPi: true, G: true, vfe: false, terms: false } })
        assert.deepEqual({ ...outcomeOf(plain, 0), vfe: explained.vfe[0] }, outcomeOf(explained, 0))
      }
    }),
    runs,
  )
})

/** A slot after one sound step of all agents, about to be stepped again. */
function stepped(): TestSlot {
  const slot = openTestSlot(madeModel(RECIPE), AGENTS)
  ALL.forEach((agent) => slot.observe(agent, seenBy(RECIPE.numObs, agent, 0)))
  slot.step()
  return slot
}

interface Harm {
  readonly name: string
  readonly error: number
  readonly harm: (slot: TestSlot, row: number) => void
}

const belief = (slot: TestSlot, row: number) => {
  const at = slot.at + slot.layout.rows + row * slot.info.rowBytes
  return new Float64Array(slot.buffer, at + ROW.state, 5)
}

const HARMS: readonly Harm[] = [
  { name: 'NaN', error: ROW_POISONED, harm: (slot, row) => (belief(slot, row)[1] = Number.NaN) },
  { name: 'infinite', error: ROW_POISONED, harm: (slot, row) => (belief(slot, row)[1] = Infinity) },
  { name: 'negative', error: ROW_POISONED, harm: (slot, row) => belief(slot, row).set([-0.5, 1.5, 0]) },
  { name: 'a sum of 1.1', error: ROW_POISONED, harm: (slot, row) => belief(slot, row).set([0.6, 0.5], 3) },
  {
    name: 'no such action',
    error: ROW_POISONED,
    harm: (slot, row) => slot.row(row).fill(4, ROW.lastAction, ROW.lastAction + 1),
  },
  { name: 'a later step', error: ROW_WRONG_STEP, harm: (slot, row) => (slot.expectedStep[row] = 2) },
  { name: 'no such outcome', error: ROW_BAD_OBSERVATION, harm: (slot, row) => slot.observe(row, [3, 0]) },
  {
    name: 'an outcome below −1',
    error: ROW_BAD_OBSERVATION,
    harm: (slot, row) => slot.observe(row, [-2, 0]),
  },
]

for (const { name, error, harm } of HARMS) {
  test(`a row with ${name} keeps its bytes and shows nothing; the others step as without it`, () => {
    const [slot, sound] = [stepped(), stepped()]
    harm(slot, 2)
    const before = [...slot.row(2)].join()
    for (const one of [slot, sound]) one.step()
    const { row, action, qPi, G, vfe, error: got } = outcomeOf(slot, 2)
    assert.deepEqual([got, row, action, vfe], [error, before, [0, 0], 0])
    assert.ok([...qPi, ...G].every((value) => value === 0))
    for (const agent of [0, 1, 3, 4, 5]) {
      assert.deepEqual(outcomeOf(slot, agent), outcomeOf(sound, agent))
      assert.equal(slot.errors[agent], ROW_OK)
    }
  })
}

test('whatever another job left in the slot, a row that fails shows none of it', () => {
  const slot = stepped()
  const { buffer, at, layout, rows, info } = slot
  const notes = new Int32Array(buffer, at + layout.notes, rows).fill(NOTE_IMPOSSIBLE | NOTE_PLAN_KEPT)
  const perRow = [
    ...(['qPi', 'G'] as const).map((name) => [name, info.policies] as const),
    ...(['vfe', 'iterations'] as const).map((name) => [name, 1] as const),
    ['terms', slot.scratch.terms.length] as const,
  ]
  const columns = perRow.map(([name, length]) => {
    const all = new Float64Array(buffer, at + layout[name], rows * length).fill(7)
    return [name, all.subarray(2 * length, 3 * length), all.subarray(3 * length, 4 * length)] as const
  })
  const margin = new Float64Array(buffer, at + layout.margin, rows * info.shapes.numControls.length).fill(7)
  slot.observe(2, [3, 0])
  slot.step(2, 3)
  assert.equal(slot.errors[2], ROW_BAD_OBSERVATION)
  for (const [name, failed, next] of columns) {
    assert.ok(
      failed.every((value) => value === 0),
      name,
    )
    assert.ok(
      next.every((value) => value === 7),
      `${name} of the next row`,
    )
  }
  assert.deepEqual([...notes], [3, 3, 0, 3, 3, 3])
  assert.deepEqual([...margin], [7, 7, 0, 7, 7, 7, 7, 7, 0, 7, 7, 7])
})

test('a row at its expected step is stepped, and counts on beyond 32 bits', () => {
  const slot = stepped()
  const step = 2 ** 32 - 1
  new DataView(slot.rowsIn.buffer, slot.rowsIn.byteOffset).setBigUint64(ROW.step, BigInt(step), true)
  slot.expectedStep[0] = step
  slot.step(0, 1)
  assert.equal(slot.errors[0], ROW_OK)
  assert.equal(
    new DataView(slot.rowsIn.buffer, slot.rowsIn.byteOffset).getBigUint64(ROW.step, true),
    BigInt(step + 1),
  )
})

test('what is wanted is written, what is not wanted is not', () => {
  for (const wanted of ['qPi', 'G', 'vfe'] as const) {
    const slot = stepped()
    for (const column of [slot.qPi, slot.G, slot.vfe]) column.fill(-7)
    slot.step(0, AGENTS, { qPi: false, G: false, vfe: false, terms: false, [wanted]: true })
    for (const name of ['qPi', 'G', 'vfe'] as const) {
      assert.ok(
        slot[name].every((value) => (value === -7) === (name !== wanted)),
        `${name} of ${wanted}`,
      )
    }
  }
})
