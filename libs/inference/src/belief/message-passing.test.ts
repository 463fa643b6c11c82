// Message passing over a window: sound beliefs, a past that all policies share, nothing lost where little is seen.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, DEFAULT_LIMITS, type Model, type ModelOptions } from '@cohort/contracts'
import fc from 'fast-check'
import { validateModel } from '../model/check/validate.js'
import type { Scratch } from '../scratch.js'
import { NOTE_IMPOSSIBLE } from '../slot.js'
import { madeModel, type Recipe, recipes } from '../testing/models.js'
import { openTestSlot, outcomeOf, seenBy, type TestSlot } from '../testing/test-slot.js'
import type { MessagePassing } from './message-scratch.js'

const close = (got: number, expected: number, within = 1e-9) =>
  assert.ok(Math.abs(got - expected) <= within, `${got}, expected ${expected}`)

const allClose = (got: Iterable<number>, expected: Iterable<number>, within?: number) => {
  const [left, right] = [[...got], [...expected]]
  assert.equal(left.length, right.length)
  left.forEach((value, i) => close(value, right[i], within))
}

const passing = (options: ModelOptions = {}): ModelOptions => ({ inference: 'messagePassing', ...options })
const withOptions = (recipe: Recipe, options: ModelOptions): Recipe => ({
  ...recipe,
  options: { ...recipe.options, ...passing(options) },
})

const windows: fc.Arbitrary<ModelOptions> = fc.record({
  window: fc.integer({ min: 1, max: 3 }),
  numIter: fc.constantFrom(1, 10),
  gradientDescent: fc.boolean(),
  matchPymdp: fc.boolean(),
})

function passingOf({ messagePassing }: Scratch): MessagePassing {
  assert.ok(messagePassing)
  return messagePassing
}

/** Every policy's beliefs, [policy][time][factor][state]. */
function beliefsOf({ scratch, compiled }: TestSlot): number[][][][] {
  const { q, past, times } = passingOf(scratch)
  const { numStates, options, policies, policyLen, states, stateAt } = compiled
  assert.equal(times, past + policyLen)
  return Array.from({ length: policies }, (_, policy) =>
    Array.from({ length: times }, (__, t) => {
      const from = (policy * (options.window + policyLen) + t) * states
      return numStates.map((length, f) => [...q.subarray(from + stateAt[f], from + stateAt[f] + length)])
    }),
  )
}

test('every policy’s beliefs at every time sum to one, and so do their average and q_pi', () => {
  fc.assert(
    fc.property(recipes, windows, (recipe, options) => {
      const slot = openTestSlot(madeModel(withOptions(recipe, options)), 1)
      for (let tick = 0; tick < 5; tick++) {
        slot.observe(0, seenBy(recipe.numObs, 0, tick))
        slot.step()
        assert.equal(slot.errors[0], 0)
        for (const q of [...beliefsOf(slot).flat(2), slot.qPi, ...slot.scratch.qs]) {
          assert.ok([...q].every((p) => p >= 0))
          close(
            [...q].reduce((sum, p) => sum + p, 0),
            1,
          )
        }
        assert.ok([...slot.G, ...slot.scratch.evidence, slot.vfe[0]].every(Number.isFinite))
      }
    }),
  )
})

test('policies of one step explain the past that they share exactly alike', () => {
  fc.assert(
    fc.property(recipes, windows, (recipe, options) => {
      const slot = openTestSlot(
        madeModel(withOptions(recipe, { ...options, policyLen: 1, matchPymdp: false })),
        1,
      )
      for (let tick = 0; tick < 4; tick++) {
        slot.observe(0, seenBy(recipe.numObs, 0, tick))
        slot.step()
        const [first] = slot.scratch.evidence
        slot.scratch.evidence.forEach((evidence) => assert.equal(evidence, first))
        close(slot.vfe[0], -first)
      }
    }),
  )
})

test('actions that do the same are worth the same, whatever the policies’ length', () => {
  const model = madeModel({ numStates: [3], numObs: [3], numControls: [1], seed: 3 })
  const twice = (tensor: unknown): unknown =>
    Array.isArray(tensor) && tensor.length === 1 && typeof tensor[0] === 'number'
      ? [tensor[0], tensor[0]]
      : (tensor as unknown[]).map(twice)
  const slot = openTestSlot(
    { ...model, B: model.B.map(twice) as Model['B'], options: passing({ policyLen: 3 }) },
    1,
  )
  for (const seen of [0, 2, 1, 0, 0]) {
    slot.observe(0, [seen])
    slot.step()
    for (let policy = 1; policy < 8; policy++) {
      assert.equal(slot.G[policy], slot.G[0])
      assert.equal(slot.scratch.evidence[policy], slot.scratch.evidence[0])
    }
  }
})

test('with a window of one and one factor it is exact filtering, and the free energy the surprise', () => {
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), (seed, gradientDescent) => {
      const recipe = { numStates: [4], numObs: [3, 2], numControls: [1], seed }
      const options = { window: 1, numIter: 200, gradientDescent }
      const slot = openTestSlot(madeModel(withOptions(recipe, options)), 1)
      const exact = openTestSlot(madeModel({ ...recipe, options: { inference: 'exact' } }), 1)
      for (let tick = 0; tick < 5; tick++) {
        for (const each of [slot, exact]) {
          each.observe(0, seenBy(recipe.numObs, 0, tick))
          each.step()
        }
        allClose(slot.scratch.qs[0], exact.scratch.qs[0])
        close(slot.vfe[0], exact.vfe[0])
      }
    }),
  )
})

/** Forward–backward smoothing of a two-state chain: p(s_t | all that was seen). */
function smoothed(stay: number, right: number, seen: readonly number[]): number[] {
  const likelihood = (o: number) => (o === 0 ? [right, 1 - right] : [1 - right, right])
  const move = ([a, b]: number[]) => [stay * a + (1 - stay) * b, (1 - stay) * a + stay * b]
  const forward: number[][] = []
  let belief = [0.5, 0.5]
  for (const o of seen) {
    const [a, b] = likelihood(o)
    const joint = [belief[0] * a, belief[1] * b]
    forward.push(joint)
    belief = move(joint)
  }
  let backward = [1, 1]
  return seen
    .map((o, i) => [o, i])
    .toReversed()
    .map(([, t]) => {
      const joint = [forward[t][0] * backward[0], forward[t][1] * backward[1]]
      const [a, b] = likelihood(seen[t])
      backward = move([backward[0] * a, backward[1] * b])
      return joint[0] / (joint[0] + joint[1])
    })
    .toReversed()
}

test('over a window that holds the whole run it comes near to smoothing', () => {
  const [stay, right] = [0.7, 0.85]
  const A = [
    [
      [right, 1 - right],
      [1 - right, right],
    ],
  ]
  const B = [
    [
      [[stay], [1 - stay]],
      [[1 - stay], [stay]],
    ],
  ]
  const options = passing({ window: 6, numIter: 100, gradientDescent: false })
  const outcomes = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(outcomes, (seen) => {
      const slot = openTestSlot({ A, B, options }, 1)
      for (const outcome of seen) {
        slot.observe(0, [outcome])
        slot.step()
      }
      const exact = smoothed(stay, right, seen)
      beliefsOf(slot)[0]
        .slice(0, 6)
        .forEach(([[p]], t) => {
          close(p, exact[t], 0.13)
        })
    }),
  )
})

test('what was not seen says as little as an outcome that all states show alike', () => {
  const recipe = { numStates: [3, 2], numObs: [2, 4], numControls: [2, 1], seed: 6, options: passing() }
  const model = madeModel(recipe)
  const flat = structuredClone(model)
  flat.A[1] = Array.from({ length: 4 }, () => Array.from({ length: 3 }, () => [0.25, 0.25]))
  const [unseen, alike] = [openTestSlot({ ...model, A: flat.A }, 1), openTestSlot(flat, 1)]
  for (const seen of [1, 0, 1, 1]) {
    unseen.observe(0, [seen, -1])
    alike.observe(0, [seen, 2])
    for (const slot of [unseen, alike]) slot.step()
    allClose(beliefsOf(unseen).flat(3), beliefsOf(alike).flat(3))
    close(unseen.vfe[0] - alike.vfe[0], passingOf(alike.scratch).past * Math.log(0.25))
  }
})

test('an agent’s step does not hang on whom the thread stepped before', () => {
  const recipe = { numStates: [3, 2], numObs: [3], numControls: [2, 2], seed: 8, zeros: 0.5 }
  const model = madeModel({ ...recipe, options: passing({ policyLen: 2, updateGamma: true, gamma: 1 }) })
  const [together, alone] = [openTestSlot(model, 3), openTestSlot(model, 3)]
  for (let tick = 0; tick < 5; tick++) {
    for (let row = 0; row < 3; row++)
      for (const slot of [together, alone]) slot.observe(row, seenBy(recipe.numObs, row, tick))
    together.step()
    for (const row of [2, 0, 1]) alone.step(row, row + 1)
    for (let row = 0; row < 3; row++) assert.deepEqual(outcomeOf(together, row), outcomeOf(alone, row))
  }
})

test('zeros, 1e-300, factors of one state and what cannot be leave numbers, and a note', () => {
  const A = [
    [
      [1, 1e-300],
      [0, 1],
      [0, 0],
    ],
  ].map((rows) => rows.map((row) => row.map((p) => [p])))
  const B = [
    [
      [[0], [1]],
      [[1], [0]],
    ],
    [[[1]]],
  ]
  for (const options of [{}, { gradientDescent: false }, { matchPymdp: true }]) {
    const slot = openTestSlot({ A, B, D: [[1, 0], [1]], options: passing({ ...options, policyLen: 2 }) }, 1)
    const notes = [0, 1, 2, 0, 1].map((seen) => {
      slot.observe(0, [seen])
      slot.step()
      assert.equal(slot.errors[0], 0)
      const all = [...beliefsOf(slot).flat(3), ...slot.G, ...slot.qPi, ...slot.scratch.evidence, slot.vfe[0]]
      assert.ok(all.every(Number.isFinite))
      return slot.scratch.notes & NOTE_IMPOSSIBLE
    })
    assert.equal(notes[2], NOTE_IMPOSSIBLE)
  }
})

test('a small model that would fill the memory with beliefs is refused, and so is learning before it has any', () => {
  const refused = (model: Model, code: string, path: string) =>
    assert.throws(
      () => validateModel(model, { ...DEFAULT_LIMITS, stepWork: Infinity }),
      (error) =>
        error instanceof CohortError &&
        error.code === code &&
        error.errors.some((fault) => fault.path === path),
    )
  const recipe = { numStates: [40, 40], numObs: [2], numControls: [5, 3], seed: 1 }
  const large = madeModel({ ...recipe, options: passing({ policyLen: 3, window: 64 }) })
  assert.ok(validateModel({ ...large, options: { policyLen: 3 } }, DEFAULT_LIMITS))
  const slow = { ...DEFAULT_LIMITS, stepWork: Infinity }
  assert.ok(validateModel({ ...large, options: passing({ policyLen: 3 }) }, slow))
  refused({ ...large, options: passing({ policyLen: 3, window: 64 }) }, 'model_too_large', 'modelBytes')
  const small = madeModel({ ...recipe, numStates: [2, 2] })
  const learning = { A: {}, when: 'beforePlanning' } as const
  refused({ ...small, pA: small.A, options: passing({ learning }) }, 'invalid_model', 'options.learning.when')
})
