// Sweeps one factor after the other: they climb, they end, and they agree with the simultaneous ones where those do.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { madeModel, recipes, type Recipe } from '../testing/models.js'
import { openTestSlot, seenBy } from '../testing/test-slot.js'

const stepped = (recipe: Recipe, seen: readonly number[], options: Recipe['options'] = {}) => {
  const slot = openTestSlot(madeModel({ ...recipe, options: { ...recipe.options, ...options } }), 1)
  slot.observe(0, seen)
  slot.step()
  return slot
}

const several = recipes.filter(({ numStates }) => numStates.length > 1)

test('in sequential sweeps the free energy never rises', () => {
  fc.assert(
    fc.property(several, (recipe) => {
      const slot = stepped(recipe, seenBy(recipe.numObs, 0, 0), { sweeps: 'sequential', dFTol: 0 })
      const { iterations, vfeTrace } = slot.scratch
      assert.equal(iterations, 10)
      for (let sweep = 2; sweep <= iterations; sweep++)
        assert.ok((vfeTrace[sweep] ?? 0) <= (vfeTrace[sweep - 1] ?? 0) + 1e-9, [...vfeTrace].join())
      assert.ok(Math.abs((slot.vfe[0] ?? 0) - (vfeTrace[iterations] ?? 0)) < 1e-12)
    }),
    { numRuns: 300 },
  )
})

test('sequential sweeps end by the same rule as simultaneous ones', () => {
  fc.assert(
    fc.property(several, (recipe) => {
      for (const sweeps of ['sequential', 'simultaneous'] as const) {
        const { scratch } = stepped(recipe, seenBy(recipe.numObs, 0, 0), { sweeps })
        const { iterations, vfeTrace } = scratch
        for (let sweep = 1; sweep < iterations; sweep++) {
          if (sweep > 1) assert.ok(Math.abs((vfeTrace[sweep] ?? 0) - (vfeTrace[sweep - 1] ?? 0)) >= 0.001)
        }
        if (iterations < 10)
          assert.ok(Math.abs((vfeTrace[iterations] ?? 0) - (vfeTrace[iterations - 1] ?? 0)) < 0.001)
      }
    }),
  )
})

test('a model of one factor has the same belief whatever the order of the sweeps', () => {
  const recipe: Recipe = { numStates: [4], numObs: [3, 2], numControls: [2], seed: 2 }
  const [inTurn, atOnce] = (['sequential', 'simultaneous'] as const).map((sweeps) =>
    stepped(recipe, [1, 0], { sweeps }),
  )
  assert.deepEqual([...inTurn.scratch.qs[0], inTurn.vfe[0]], [...atOnce.scratch.qs[0], atOnce.vfe[0]])
})

/** Two states that show only whether they are the same, and are believed a little more to be 0 and 1. */
const DISAGREEING = {
  A: [
    [
      [
        [0.99, 0.01],
        [0.01, 0.99],
      ],
      [
        [0.01, 0.99],
        [0.99, 0.01],
      ],
    ],
  ],
  B: [
    [
      [[1], [0]],
      [[0], [1]],
    ],
    [
      [[1], [0]],
      [[0], [1]],
    ],
  ],
  D: [
    [0.6, 0.4],
    [0.4, 0.6],
  ],
}

test('where simultaneous sweeps change their mind for ever, sequential ones settle on a lower free energy', () => {
  const traceOf = (sweeps: 'sequential' | 'simultaneous') => {
    const slot = openTestSlot({ ...DISAGREEING, options: { sweeps, numIter: 50 } }, 1)
    slot.observe(0, [0])
    slot.step()
    return {
      sweeps: slot.scratch.iterations,
      vfe: slot.vfe[0] ?? 0,
      qs: slot.scratch.qs.map(([q]) => q ?? 0),
    }
  }
  const [inTurn, atOnce] = [traceOf('sequential'), traceOf('simultaneous')]
  assert.ok(inTurn.sweeps < 10)
  assert.ok(inTurn.vfe < atOnce.vfe - 0.5, `${inTurn.vfe} and ${atOnce.vfe}`)
  // The two agree in what they are: both 0 or both 1, as was seen.
  assert.ok(inTurn.qs.every((q) => q > 0.95) || inTurn.qs.every((q) => q < 0.05), inTurn.qs.join())
})
