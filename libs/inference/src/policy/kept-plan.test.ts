// Planning only in every K-th step: the plan is followed, beliefs go on, and the result says so.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelOptions } from '@cohort/contracts'
import fc from 'fast-check'
import { sectionOf } from '../row/layout.js'
import { NOTE_PLAN_KEPT, ROW_POISONED } from '../slot.js'
import { madeModel, type Recipe } from '../testing/models.js'
import { openTestSlot, seenBy } from '../testing/test-slot.js'

const RECIPE: Recipe = { numStates: [3, 2], numObs: [3, 2], numControls: [2, 3], seed: 12 }
const every = (planEvery: number, options: ModelOptions = {}, recipe = RECIPE) =>
  openTestSlot(madeModel({ ...recipe, options: { policyLen: 3, planEvery, ...options } }), 1)

type Slot = ReturnType<typeof every>
const stepOnce = (slot: Slot, tick: number, numObs: readonly number[] = RECIPE.numObs) => {
  slot.observe(0, seenBy(numObs, 0, tick))
  slot.step()
  assert.equal(slot.errors[0], 0)
  return slot.scratch.notes & NOTE_PLAN_KEPT
}

test('a new plan is made in every K-th step, and the steps between say that it was kept', () => {
  for (const samplingMode of ['marginal', 'full'] as const) {
    const slot = every(3, { samplingMode })
    const kept = Array.from({ length: 9 }, (_, tick) => stepOnce(slot, tick) === NOTE_PLAN_KEPT)
    assert.deepEqual(kept, [false, true, true, false, true, true, false, true, true])
  }
})

test('a plan of which one step is done at a time is never kept', () => {
  const slot = every(1)
  for (let tick = 0; tick < 4; tick++) assert.equal(stepOnce(slot, tick), 0)
  assert.equal(slot.scratch.plan, null)
})

test('of a whole policy, the kept steps do its second and its third action', () => {
  for (const actionSelection of ['deterministic', 'stochastic'] as const) {
    const slot = every(3, { samplingMode: 'full', actionSelection })
    const { policyAction, policyLen } = slot.compiled
    for (let round = 0; round < 4; round++) {
      const done = [0, 1, 2].map((age) => {
        stepOnce(slot, 3 * round + age)
        return slot.scratch.agent.action
      })
      const policy = slot.scratch.plan?.policy[0] ?? 0
      assert.deepEqual(done, [...policyAction.subarray(policy * policyLen, (policy + 1) * policyLen)])
    }
  }
})

test('in marginal mode, the kept steps weigh the policies’ second and third actions by the plan’s posterior', () => {
  const slot = every(3)
  const { policyAction, policyLen, jointActions } = slot.compiled
  let planned: Float64Array = new Float64Array(0)
  for (let tick = 0; tick < 6; tick++) {
    stepOnce(slot, tick)
    const age = tick % 3
    if (age === 0) planned = slot.scratch.qPi.slice()
    assert.deepEqual(slot.scratch.qPi, planned)
    slot.scratch.marginals.forEach((marginal, control) => {
      const expected = new Array<number>(marginal.length).fill(0)
      planned.forEach((p, policy) => {
        const joint = policyAction[policy * policyLen + age] ?? 0
        const own = jointActions[joint * 2 + control] ?? 0
        expected[own] = (expected[own] ?? 0) + p
      })
      marginal.forEach((p, own) => assert.ok(Math.abs(p - (expected[own] ?? 0)) < 1e-12))
      assert.equal(slot.actions[control], expected.indexOf(Math.max(...expected)))
    })
  }
})

test('beliefs move and take what is seen in kept steps as in any other', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('marginal' as const, 'full' as const), (seed, samplingMode) => {
      const recipe = { ...RECIPE, seed }
      const [kept, fresh] = [every(3, { samplingMode }, recipe), every(1, { samplingMode }, recipe)]
      for (let tick = 0; tick < 5; tick++) {
        stepOnce(kept, tick)
        stepOnce(fresh, tick)
        assert.deepEqual(kept.scratch.priors, fresh.scratch.priors)
        assert.deepEqual(kept.scratch.agent.beliefs, fresh.scratch.agent.beliefs)
        // The same was done from here on, whatever each would have done.
        fresh.row(0).set(kept.row(0).subarray(16, 20), 16)
      }
    }),
    { numRuns: 20 },
  )
})

test('a kept step has no G of its own', () => {
  const slot = every(2)
  stepOnce(slot, 0)
  assert.ok(slot.G.some((value) => value !== 0))
  stepOnce(slot, 1)
  assert.ok([...slot.G, ...slot.scratch.terms].every((value) => value === 0))
})

test('the plan is the agent’s own: two that take turns on one scratch keep theirs', () => {
  const options = { policyLen: 2, planEvery: 2, samplingMode: 'full' } as const
  const [together, alone] = [2, 1].map((rows) => openTestSlot(madeModel({ ...RECIPE, options }), rows))
  for (let tick = 0; tick < 6; tick++) {
    together.observe(0, seenBy(RECIPE.numObs, 0, tick))
    together.observe(1, seenBy(RECIPE.numObs, 1, tick))
    alone.observe(0, seenBy(RECIPE.numObs, 0, tick))
    for (const slot of [together, alone]) slot.step()
    assert.deepEqual([...together.row(0)], [...alone.row(0)])
  }
})

test('a row whose plan is none of the model’s is not stepped', () => {
  const spoilt = [
    ['planAge', 3],
    ['planAge', 0.5],
    ['planPolicy', 216],
    ['planQPi', 2],
  ] as const
  for (const [name, value] of spoilt) {
    const slot = every(3, { samplingMode: 'full' })
    const state = new Float64Array(
      slot.buffer,
      slot.at + slot.layout.rows + 24,
      slot.scratch.agent.state.length,
    )
    sectionOf(slot.compiled, state, name).fill(value)
    slot.obs.fill(-1)
    slot.step()
    assert.equal(slot.errors[0], ROW_POISONED, name)
  }
})
