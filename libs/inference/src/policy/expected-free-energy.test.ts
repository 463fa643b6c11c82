// What policies are worth: information is never negative, and a preference is worth what it says.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { termOf } from '../slot.js'
import { openTestSlot, seenBy } from '../testing/test-slot.js'
import { madeModel, recipes } from '../testing/models.js'

test('the information gain about states is never negative', () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      const slot = openTestSlot(madeModel(recipe), 1)
      for (let tick = 0; tick < 3; tick++) {
        slot.observe(0, seenBy(recipe.numObs, 0, tick))
        slot.step()
        for (const gain of termOf(slot.scratch.terms, 'statesInfoGain'))
          assert.ok(gain >= -1e-12, String(gain))
      }
    }),
  )
})

test('a model that shows nothing teaches nothing; one that shows all teaches the entropy of the prediction', () => {
  const B = [
    [
      [[0.5], [0.5]],
      [[0.5], [0.5]],
    ],
  ]
  const gainOf = (A: number[][]) => {
    const slot = openTestSlot({ A: [A], B }, 1)
    slot.observe(0, [-1])
    slot.step()
    return termOf(slot.scratch.terms, 'statesInfoGain')[0]
  }
  assert.ok(
    Math.abs(
      gainOf([
        [0.5, 0.5],
        [0.5, 0.5],
      ]),
    ) < 1e-6,
  )
  assert.ok(
    Math.abs(
      gainOf([
        [1, 0],
        [0, 1],
      ]) - Math.log(2),
    ) < 1e-6,
  )
})

test('terms that are switched off are not in G', () => {
  const recipe = { numStates: [3], numObs: [3], numControls: [3], seed: 9 }
  for (const [useUtility, useStatesInfoGain] of [
    [true, false],
    [false, true],
    [false, false],
    [true, true],
  ]) {
    const slot = openTestSlot(madeModel({ ...recipe, options: { useUtility, useStatesInfoGain } }), 1)
    slot.observe(0, [1])
    slot.step()
    const utility = termOf(slot.scratch.terms, 'utility')
    const statesInfoGain = termOf(slot.scratch.terms, 'statesInfoGain')
    slot.G.forEach((value, policy) => {
      const expected = (useUtility ? utility[policy] : 0) + (useStatesInfoGain ? statesInfoGain[policy] : 0)
      assert.equal(value, expected)
      assert.notEqual(utility[policy], 0)
      assert.notEqual(statesInfoGain[policy], 0)
    })
  }
})

test('preferences of ±1000 stay finite', () => {
  const slot = openTestSlot(
    { ...madeModel({ numStates: [3], numObs: [3], numControls: [3], seed: 9 }), C: [[1000, -1000, 0]] },
    1,
  )
  slot.observe(0, [1])
  slot.step()
  assert.ok([...slot.G, ...slot.qPi].every(Number.isFinite))
})
