// Sophisticated inference: what the recursion says, and nothing of it left in what perception gave.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelOptions } from '@cohort/contracts'
import { ROW_OK, ROW_OVER_BUDGET } from '../slot.js'
import { madeModel, type Recipe } from '../testing/models.js'
import { openTestSlot, outcomeOf, seenBy } from '../testing/test-slot.js'

const RECIPE: Recipe = { numStates: [3], numObs: [3, 2], numControls: [3], seed: 5, zeros: 0.5 }
const searching = (options: ModelOptions = {}, recipe = RECIPE) =>
  madeModel({ ...recipe, options: { planning: 'sophisticated', inference: 'exact', ...options } })

const SEVERAL: Recipe = { numStates: [3, 2], numObs: [3, 2], numControls: [2, 2], seed: 8 }

test('a search one step ahead is the scoring of policies of one step', () => {
  const [searched, scored] = [{ planning: 'sophisticated', horizon: 1 } as const, {}].map((options) =>
    openTestSlot(madeModel({ ...SEVERAL, options }), 1),
  )
  for (let tick = 0; tick < 4; tick++) {
    for (const slot of [searched, scored]) slot.observe(0, seenBy(SEVERAL.numObs, 0, tick))
    for (const slot of [searched, scored]) slot.step()
    assert.deepEqual(outcomeOf(searched, 0), outcomeOf(scored, 0))
    assert.deepEqual(searched.scratch.terms, scored.scratch.terms)
  }
})

test('beliefs, free energy, sweeps and notes are those of perception, not of the last look ahead', () => {
  for (const inference of ['fixedPoint', 'exact'] as const) {
    const recipe = inference === 'exact' ? RECIPE : SEVERAL
    const [searched, scored] = [{ planning: 'sophisticated' } as const, {}].map((options) =>
      openTestSlot(madeModel({ ...recipe, options: { inference, gamma: 0, ...options } }), 1),
    )
    for (const slot of [searched, scored]) slot.observe(0, [2, -1])
    for (const slot of [searched, scored]) slot.step()
    const { scratch } = searched
    assert.ok((scratch.search?.tally.visited ?? 0) > 0)
    assert.deepEqual([...scratch.agent.observation], [2, -1])
    const perceived = ({ scratch: one, vfe }: typeof searched) => [
      one.agent.beliefs,
      one.priors,
      one.vfeTrace,
      one.iterations,
      one.notes,
      vfe,
    ]
    assert.deepEqual(perceived(searched), perceived(scored))
  }
})

test('habits and gamma weigh what is looked at: an action against all habit is not', () => {
  const model = { ...searching({ horizon: 2 }), E: [1, 0, 0] }
  const slot = openTestSlot(model, 1)
  slot.observe(0, [0, 0])
  slot.step()
  assert.deepEqual(
    [...slot.G].map((value) => value < -500),
    [false, true, true],
  )
})

test('habits count where the action is chosen, not in what the search finds beyond it', () => {
  const options = { horizon: 3, policyPruneThreshold: 0, outcomePruneThreshold: 0 }
  const [even, uneven] = [{}, { E: [0.7, 0.2, 0.1] }].map((habit) =>
    openTestSlot({ ...searching(options), ...habit }, 1),
  )
  for (const slot of [even, uneven]) slot.observe(0, [0, 0])
  for (const slot of [even, uneven]) slot.step()
  assert.deepEqual([...uneven.G], [...even.G])
  assert.notDeepEqual([...uneven.qPi], [...even.qPi])
})

test('a search over its budget leaves the row as it was; one within it is done', () => {
  const visits = (nodeBudget: number) => {
    const slot = openTestSlot(searching({ nodeBudget, gamma: 1 }), 2)
    const before = [...slot.row(1)]
    slot.observe(0, [0, 0])
    slot.observe(1, [1, 0])
    slot.step()
    return { slot, before, visited: slot.scratch.search?.tally.visited ?? 0 }
  }
  const { slot: free, visited } = visits(65_536)
  const { slot: enough } = visits(visited)
  const { slot: short, before } = visits(visited - 1)
  assert.deepEqual([...enough.errors, free.errors[1]], [short.errors[0], ROW_OK, ROW_OK])
  assert.equal(short.errors[1], ROW_OVER_BUDGET)
  assert.deepEqual([...short.row(1)], before)
  assert.ok(short.G.subarray(3).every((value) => value === 0))
  assert.deepEqual(outcomeOf(enough, 1), outcomeOf(free, 1))
})

test('outcomes of thirty modalities are not enumerated where none is probable enough', () => {
  const half = [
    [0.5, 0.5],
    [0.5, 0.5],
  ]
  const model = searching({ inference: 'fixedPoint', horizon: 2, outcomePruneThreshold: 1e-6 })
  const slot = openTestSlot(
    {
      B: [
        [
          [
            [1, 0],
            [0, 1],
          ],
          [
            [0, 1],
            [1, 0],
          ],
        ],
      ],
      A: new Array(30).fill(half),
      options: model.options ?? {},
    },
    1,
  )
  slot.obs.fill(-1)
  slot.step()
  assert.deepEqual([slot.errors[0], slot.scratch.search?.tally.visited], [ROW_OK, 0])
})

test('the agent goes the way that pays after a detour, where one step ahead it would not', () => {
  // A line of three: at its left a small reward is near, at its right a large one two steps away.
  const moves = [0, 1, 2, 3].map((to) =>
    [0, 1, 2, 3].map((from) =>
      [Math.max(from - 1, 0), Math.min(from + 1, 3)].map((next) => (next === to ? 1 : 0)),
    ),
  )
  const see = [0, 1, 2, 3].map((o) => [0, 1, 2, 3].map((s) => (o === s ? 1 : 0)))
  const chosen = (horizon: number) => {
    const options = { planning: 'sophisticated', inference: 'exact', horizon, gamma: 1 } as const
    const slot = openTestSlot({ A: [see], B: [moves], C: [[1, 0, 0, 4]], D: [[0, 1, 0, 0]], options }, 1)
    slot.observe(0, [1])
    slot.step()
    return slot.actions[0]
  }
  assert.deepEqual([chosen(1), chosen(3)], [0, 1])
})
