// An agent as a person reads it: what it has learned in the model's own axes, its window and its plan.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readBeliefs, readRow } from './read.js'
import { ownActions } from '../model/layout.js'
import { sectionOf } from './layout.js'
import { allKinds, madeModel } from '../testing/models.js'
import { openTestSlot, seenBy } from '../testing/test-slot.js'

const SHAPE = { numStates: [3, 2], numObs: [3, 2], numControls: [2, 3], seed: 3 }

test('before its first step an agent’s counts are those of the model as it was given', () => {
  fc.assert(
    fc.property(allKinds, (recipe) => {
      const model = madeModel(recipe)
      const { info, row } = openTestSlot(model, 1)
      const { learned = {} } = readRow(info, row(0))
      const { A, B, D, E } = model.options?.learning ?? {}
      const of = <T>(counts: readonly T[] = [], only = [...counts.keys()]) =>
        counts.map((one, i) => (only.includes(i) ? one : null))
      assert.deepEqual(learned, {
        ...(A && { pA: of(model.pA, A.only) }),
        ...(B && { pB: of(model.pB, B.only) }),
        ...(D && { pD: of(model.pD, D.only) }),
        ...(E && { pE: model.pE }),
      })
    }),
  )
})

test('of several actions that a factor hears, each is an axis of its counts of its own, the last fastest', () => {
  const learning = { B: { only: [1] } }
  const model = madeModel({ ...SHAPE, counts: true, coupled: true, options: { learning } })
  const slot = openTestSlot(model, 1)
  slot.observe(0, [0, 0])
  slot.step()
  slot.observe(0, [1, 1])
  slot.step()
  const counts = sectionOf(slot.compiled, slot.scratch.agent.state, 'pB', 1)
  const [entries, actions] = [counts.length / ownActions(slot.compiled, 1), ownActions(slot.compiled, 1)]
  const { learned } = readRow(slot.info, slot.row(0))
  const flat = (learned?.pB?.[1] ?? []).flat(4)
  assert.equal(learned?.pB?.[0], null)
  assert.equal(flat.length, 2 * 3 * 2 * 3 * 2)
  assert.deepEqual(
    flat,
    Array.from(flat.keys(), (i) => counts[(i % actions) * entries + Math.floor(i / actions)]),
  )
  assert.notDeepEqual(learned.pB, model.pB)
})

test('the window holds what was seen and done, the latest last; gamma is its own', () => {
  const kind = { inference: 'messagePassing', window: 3, policyLen: 2 } as const
  const options = { ...kind, updateGamma: true, gamma: 4 }
  const slot = openTestSlot(madeModel({ ...SHAPE, options }), 1)
  assert.deepEqual(readRow(slot.info, slot.row(0)).window, {
    observations: [],
    actions: [],
    prior: slot.valid.D.map((D) => [...D]),
  })
  const seen: number[][] = []
  const done: number[][] = []
  for (let tick = 0; tick < 5; tick++) {
    const observation = seenBy(SHAPE.numObs, 0, tick)
    seen.push(observation)
    slot.observe(0, observation)
    slot.step()
    const { lastAction, window, gamma } = readRow(slot.info, slot.row(0))
    const orNull = (entry: number) => (entry < 0 ? null : entry)
    assert.deepEqual(
      window?.observations,
      seen.slice(-3).map((all) => all.map(orNull)),
    )
    assert.deepEqual(window.actions, done.slice(-2))
    assert.equal(gamma, slot.scratch.gamma)
    done.push(lastAction ?? [])
  }
})

test('the age of a plan counts the steps that it has been followed for', () => {
  const slot = openTestSlot(madeModel({ ...SHAPE, options: { policyLen: 3, planEvery: 3 } }), 1)
  const ages = Array.from({ length: 5 }, () => {
    slot.observe(0, [0, 0])
    slot.step()
    return readRow(slot.info, slot.row(0)).planAge
  })
  assert.deepEqual(ages, [1, 2, 0, 1, 2])
})

test('what a model’s agents have not is not there', () => {
  const { info, row } = openTestSlot(madeModel(SHAPE), 1)
  const state = readRow(info, row(0))
  assert.deepEqual(Object.keys(state), ['step', 'seed', 'lastAction', 'beliefs'])
  assert.deepEqual(readBeliefs(info, row(0)), state.beliefs)
})
