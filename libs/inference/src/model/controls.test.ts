// Controls: what drives a factor, whatever the order in which it is said.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import fc from 'fast-check'
import { madeModel, recipes } from '../testing/models.js'
import { openTestSlot, seenBy } from '../testing/test-slot.js'
import { compileModel } from './compile.js'
import { mapModel } from './compiled.js'
import { validateModel } from './check/validate.js'

const compiled = (model: Model) => mapModel(compileModel(validateModel(model, DEFAULT_LIMITS)).buffer, 0)

/** Two factors of two states; the second one's next state is that of a table of two controls, of 2 and 3 actions. */
const table = [
  [
    [
      [1, 0, 1],
      [0, 1, 0],
    ],
    [
      [0, 1, 1],
      [1, 1, 0],
    ],
  ],
  [
    [
      [0, 1, 0],
      [1, 0, 1],
    ],
    [
      [1, 0, 0],
      [0, 0, 1],
    ],
  ],
]
const idle = [
  [[1], [0]],
  [[0], [1]],
]
const undriven = [
  [1, 0],
  [0, 1],
]
const A = [
  [
    [
      [0.9, 0.2],
      [0.6, 0.3],
    ],
    [
      [0.1, 0.8],
      [0.4, 0.7],
    ],
  ],
]
const C = [[2, 0]]

test('a factor’s own actions are the joint ones of its controls, in the order in which it names them', () => {
  const straight: Model = { A, B: [undriven, table], B_action_dependencies: [[], [0, 1]] }
  const turned: Model = {
    A,
    B: [undriven, table.map((to) => to.map((from) => [0, 1, 2].map((b) => from.map((row) => row[b] ?? 0))))],
    B_action_dependencies: [[], [1, 0]],
  }
  const [one, other] = [compiled(straight), compiled(turned)]
  assert.deepEqual(
    [one.numControls, other.numControls],
    [
      [2, 3],
      [2, 3],
    ],
  )
  for (let a = 0; a < 2; a++)
    for (let b = 0; b < 3; b++) {
      const joint = 3 * a + b
      const own = [one, other].map(({ factorActions }) => factorActions[joint * 2 + 1] ?? 0)
      assert.deepEqual(own, [3 * a + b, 2 * b + a])
      assert.deepEqual([...(one.B[1]?.[own[0]] ?? [])], [...(other.B[1]?.[own[1]] ?? [])])
      assert.deepEqual(
        [...(one.B[1]?.[own[0]] ?? [])],
        table.flatMap((to) => to.map((from) => from[a]?.[b] ?? 0)),
      )
    }
})

test('two controls of a factor are as one control of all their joint actions', () => {
  const two = openTestSlot({ A, B: [undriven, table], C, B_action_dependencies: [[], [0, 1]] }, 1)
  const flat = table.map((to) => to.map((from) => from.flat()))
  const one = openTestSlot({ A, B: [idle, flat], C }, 1)
  for (let tick = 0; tick < 5; tick++) {
    for (const slot of [two, one]) slot.observe(0, seenBy([2], 0, tick))
    for (const slot of [two, one]) slot.step()
    assert.deepEqual([two.G, two.qPi, two.vfe], [one.G, one.qPi, one.vfe])
    assert.deepEqual(two.scratch.qs, one.scratch.qs)
    assert.equal(two.actions.length, 2)
    one.row(0).set(two.row(0).subarray(16, 20), 16)
  }
})

test('a control may drive several factors at once', () => {
  const swap = [
    [
      [1, 0],
      [0, 1],
    ],
    [
      [0, 1],
      [1, 0],
    ],
  ]
  const D = [
    [1, 0],
    [0, 1],
  ]
  const slot = openTestSlot({ A, B: [swap, swap], C, D, B_action_dependencies: [[0], [0]] }, 1)
  assert.deepEqual([slot.info.shapes.numControls, slot.info.policies], [[2], 2])
  slot.observe(0, [-1])
  slot.step()
  const acted = slot.actions[0] ?? 0
  slot.observe(0, [-1])
  slot.step()
  assert.deepEqual(
    slot.scratch.prior.map((prior) => [...prior].map(Math.round)),
    acted === 0
      ? D
      : [
          [0, 1],
          [1, 0],
        ],
  )
})

test('each factor’s own control, spelled out, is the default', () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      const model = madeModel(recipe)
      const spelled = { ...model, B_action_dependencies: model.B.map((_, f) => [f]) }
      assert.deepEqual(
        compileModel(validateModel(spelled, DEFAULT_LIMITS)),
        compileModel(validateModel(model, DEFAULT_LIMITS)),
      )
    }),
    { numRuns: 30 },
  )
})
