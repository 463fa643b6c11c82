// Beliefs about states: Bayes' rule for one factor, a bound on surprise for several, nothing lost at edges.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openTestSlot, seenBy } from '../testing/test-slot.js'
import { allKinds, madeModel, recipes } from '../testing/models.js'

const close = (got: number, expected: number, within = 1e-12) =>
  assert.ok(Math.abs(got - expected) <= within, `${got}, expected ${expected}`)

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)

test('beliefs, policy posterior and action marginals sum to one, step after step', () => {
  fc.assert(
    fc.property(allKinds, (recipe) => {
      const slot = openTestSlot(madeModel(recipe), 1)
      for (let tick = 0; tick < 4; tick++) {
        slot.observe(0, seenBy(recipe.numObs, 0, tick))
        slot.step()
        const distributions = [...slot.scratch.qs, ...slot.scratch.marginals, ...slot.scratch.prior, slot.qPi]
        assert.equal(slot.errors[0], 0)
        for (const distribution of distributions) close(sum(distribution), 1, 1e-9)
      }
    }),
  )
})

/** p(o, s…) of one observation for every joint state, from the model as it was given, and their sum. */
function evidence(
  slot: ReturnType<typeof openTestSlot>,
  seen: readonly number[],
): { joint: number[]; total: number } {
  const { A, D, numStates } = slot.valid
  const size = numStates.reduce((product, states) => product * states, 1)
  const joint = Array.from({ length: size }, (_, i) => {
    let rest = i
    let p = 1
    for (let f = numStates.length - 1; f >= 0; f--) {
      p *= D[f][rest % numStates[f]]
      rest = Math.floor(rest / numStates[f])
    }
    return seen.reduce(
      (product, outcome, m) => (outcome < 0 ? product : product * A[m][outcome * size + i]),
      p,
    )
  })
  return { joint, total: sum(joint) }
}

const positive = recipes.map((recipe) => ({ ...recipe, zeros: 0 }))

test('for one factor the fixed point is Bayes’ rule, and the free energy is the surprise', () => {
  fc.assert(
    fc.property(positive, (recipe) => {
      const slot = openTestSlot(
        madeModel({
          ...recipe,
          numStates: recipe.numStates.slice(0, 1),
          numControls: recipe.numControls.slice(0, 1),
        }),
        1,
      )
      const seen = seenBy(recipe.numObs, 0, 0)
      const { joint, total } = evidence(slot, seen)
      slot.observe(0, seen)
      slot.step()
      slot.scratch.qs[0].forEach((q, s) => close(q, joint[s] / total))
      close(slot.vfe[0], -Math.log(total), 1e-10)
    }),
  )
})

test('for several factors the free energy is never below the surprise', () => {
  fc.assert(
    fc.property(positive, (recipe) => {
      const slot = openTestSlot(madeModel(recipe), 1)
      const seen = seenBy(recipe.numObs, 0, 0)
      slot.observe(0, seen)
      slot.step()
      const surprise = -Math.log(evidence(slot, seen).total)
      assert.ok(slot.vfe[0] >= surprise - 1e-10, `${slot.vfe[0]} below ${surprise}`)
    }),
  )
})

test('without any observation the belief is the prior', () => {
  const recipe = { numStates: [3, 2], numObs: [2, 4], numControls: [2, 1], seed: 5 }
  const slot = openTestSlot(madeModel(recipe), 1)
  for (let tick = 0; tick < 3; tick++) {
    slot.observe(0, [-1, -1])
    slot.step()
    slot.scratch.qs.forEach((q, f) => q.forEach((p, s) => close(p, slot.scratch.prior[f][s])))
  }
})

test('a modality that was not seen says as little as one whose outcomes are all alike', () => {
  const recipe = { numStates: [3, 2], numObs: [2, 4], numControls: [2, 1], seed: 6 }
  const model = madeModel(recipe)
  const flat = structuredClone(model)
  flat.A[1] = Array.from({ length: 4 }, () => Array.from({ length: 3 }, () => [0.25, 0.25]))
  const [unseen, alike] = [openTestSlot(model, 1), openTestSlot(flat, 1)]
  unseen.observe(0, [1, -1])
  alike.observe(0, [1, 2])
  for (const slot of [unseen, alike]) slot.step()
  unseen.scratch.qs.forEach((q, f) => q.forEach((p, s) => close(p, alike.scratch.qs[f][s], 1e-9)))
})

test('an outcome that the model holds impossible leaves a belief', () => {
  const B = [
    [
      [[1], [0]],
      [[0], [1]],
    ],
  ]
  const slot = openTestSlot(
    {
      A: [
        [
          [1, 1],
          [0, 0],
        ],
      ],
      B,
      D: [[1, 0]],
    },
    1,
  )
  slot.observe(0, [1])
  slot.step()
  assert.equal(slot.errors[0], 0)
  close(sum(slot.scratch.qs[0]), 1)
})

test('the likelihoods of twenty modalities do not underflow', () => {
  const modalities = 20
  const A = Array.from({ length: modalities }, () => [
    [1e-20, 2e-20],
    [1, 1],
  ])
  const slot = openTestSlot(
    {
      A,
      B: [
        [
          [[1], [0]],
          [[0], [1]],
        ],
      ],
    },
    1,
  )
  slot.observe(0, new Array<number>(modalities).fill(0))
  slot.step()
  assert.ok(slot.scratch.qs[0].every(Number.isFinite))
  close(sum(slot.scratch.qs[0]), 1)
})
