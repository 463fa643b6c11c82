// The messages themselves: the order of states and of factors that nothing joins is of no account, time is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, type Model, type ModelOptions, type Tensor } from '@cohort/contracts'
import fc from 'fast-check'
import { madeModel } from '../testing/models.js'
import { openTestSlot, seenBy } from '../testing/test-slot.js'
import { beliefsOfPolicy } from './one-policy.js'

const options: ModelOptions = { inference: 'messagePassing', policyLen: 2 }

const allClose = (got: Iterable<number>, expected: Iterable<number>, within = 1e-9) => {
  const [left, right] = [[...got], [...expected]]
  assert.equal(left.length, right.length)
  left.forEach((value, i) =>
    assert.ok(Math.abs(value - right[i]) <= within, `${value}, expected ${right[i]}`),
  )
}

const compiledOf = (model: Model) => openTestSlot(model, 1).compiled

test('other names for the states give the same beliefs under other names, and the same policies', () => {
  const order = [2, 0, 3, 1]
  const renamed = <T>(list: readonly T[]): T[] => order.map((s) => list[s])
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), (seed, gradientDescent) => {
      const recipe = { numStates: [4], numObs: [3], numControls: [2], seed }
      const model = madeModel({ ...recipe, options: { ...options, gradientDescent } })
      const other: Model = {
        ...model,
        A: model.A.map((A) => A.map((row) => renamed(row as Tensor[]))),
        B: model.B.map((B) => renamed(B).map((row) => renamed(row as Tensor[]))),
        D: (model.D ?? []).map(renamed),
      }
      const [slot, renamedSlot] = [openTestSlot(model, 1), openTestSlot(other, 1)]
      for (let tick = 0; tick < 5; tick++) {
        for (const each of [slot, renamedSlot]) {
          each.observe(0, seenBy(recipe.numObs, 0, tick))
          each.step()
        }
        allClose(renamedSlot.scratch.qs[0], renamed([...slot.scratch.qs[0]]))
        allClose(renamedSlot.qPi, slot.qPi)
        allClose(renamedSlot.vfe, slot.vfe)
      }
    }),
    { numRuns: 30 },
  )
})

test('factors that nothing joins are believed as if each were alone, in either order', () => {
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), (seed, gradientDescent) => {
      const own = [3, 2].map((states, i) =>
        madeModel({ numStates: [states], numObs: [2 + i], numControls: [2], seed: seed + i }),
      )
      const joined = (first: number, second: number): Model => ({
        A: [own[first], own[second]].map(({ A }) => A[0]),
        B: [own[first], own[second]].map(({ B }) => B[0]),
        A_dependencies: [[0], [1]],
        options: { ...options, gradientDescent },
      })
      const pastOf = (factors: readonly number[]) => ({
        observations: [0, 1, 1].map((o, t) => factors.map((f) => (f === 0 ? o : (t + o) % 3))),
        actions: [0, 1].map((action) => factors.map((f) => (f === 0 ? action : 0))),
        prior: factors.map((f) => (f === 0 ? [0.2, 0.5, 0.3] : [0.6, 0.4])),
      })
      const alone = own.map((model, f) =>
        beliefsOfPolicy(
          compiledOf({ ...model, options: { ...options, gradientDescent } }),
          0,
          pastOf([f]),
        ).qs.map(([q]) => q),
      )
      for (const factors of [
        [0, 1],
        [1, 0],
      ]) {
        const { qs } = beliefsOfPolicy(compiledOf(joined(factors[0], factors[1])), 0, pastOf(factors))
        factors.forEach((f, i) => {
          allClose(
            qs.flatMap((time) => time[i]),
            alone[f].flat(),
            1e-12,
          )
        })
      }
    }),
    { numRuns: 30 },
  )
})

const softmax = (weights: readonly number[]): number[] => {
  const exps = weights.map(Math.exp)
  const total = exps.reduce((sum, value) => sum + value, 0)
  return exps.map((value) => value / total)
}

test('one sweep without gradient descent, by hand: what was seen, where it came from, where it led', () => {
  const states = [0, 1, 2]
  const model = madeModel({ numStates: [3], numObs: [3], numControls: [2], seed: 5 })
  const compiled = compiledOf({
    ...model,
    options: { inference: 'messagePassing', gradientDescent: false, numIter: 1 },
  })
  const { A, B } = compiled
  const [seen, done, prior] = [
    [2, 0, 1],
    [1, 0],
    [0.2, 0.5, 0.3],
  ]
  const led = (action: number, q: readonly number[]) =>
    states.map((next) => q.reduce((sum, p, s) => sum + B[0][action][next * 3 + s] * p, 0))
  /** ½ ln of what a uniform belief about the next time says of each state. */
  const back = (action: number) => {
    const rows = states.map((next) => [...B[0][action].subarray(next * 3, next * 3 + 3)])
    return states.map(
      (s) => 0.5 * Math.log(rows.reduce((sum, row) => sum + row[s] / (row[0] + row[1] + row[2]) / 3, 0)),
    )
  }
  const expected: number[][] = []
  for (const [t, outcome] of seen.entries()) {
    const from = t === 0 ? prior : led(done[t - 1], expected[t - 1])
    const to = t < 2 ? back(done[t]) : [0, 0, 0]
    expected.push(softmax(states.map((s) => Math.log(A[0][outcome * 3 + s]) + Math.log(from[s]) + to[s])))
  }
  for (const action of [0, 1]) {
    const past = { observations: seen.map((o) => [o]), actions: done.map((a) => [a]), prior: [prior] }
    const { qs } = beliefsOfPolicy(compiled, action, past)
    allClose(qs.flat(2), [...expected, led(action, expected[2])].flat(), 1e-12)
  }
})

/** Factor 0 alternates, surely. Factor 1 stays while factor 0 is in state 0, and changes while it is in state 1. */
const alternating: Model = {
  A: [
    [
      [1, 0],
      [0, 1],
    ],
    [
      [0.9, 0.1],
      [0.1, 0.9],
    ],
  ],
  A_dependencies: [[0], [1]],
  B: [
    [
      [[0], [1]],
      [[1], [0]],
    ],
    [
      [
        [[1], [0]],
        [[0], [1]],
      ],
      [
        [[0], [1]],
        [[1], [0]],
      ],
    ],
  ],
  B_dependencies: [[0], [0, 1]],
  options: { ...options, policyLen: 1, numIter: 64 },
}

test('a coupled transition speaks to the past by the other factor’s state at its time, not a step later', () => {
  const past = {
    observations: [
      [0, -1],
      [1, 0],
    ],
    actions: [[0, 0]],
    prior: [
      [1, 0],
      [0.5, 0.5],
    ],
  }
  const firstOf = (matchPymdp: boolean) =>
    beliefsOfPolicy(compiledOf({ ...alternating, options: { ...alternating.options, matchPymdp } }), 0, past)
      .qs[0][1][0]
  assert.ok(firstOf(false) > 0.6, String(firstOf(false)))
  assert.ok(firstOf(true) < 0.4, String(firstOf(true)))
})

test('a past that does not fit the window is refused', () => {
  const compiled = compiledOf(alternating)
  const prior = [
    [1, 0],
    [0.5, 0.5],
  ]
  for (const [observations, actions] of [
    [[], []],
    [Array.from({ length: 4 }, () => [0, 0]), Array.from({ length: 3 }, () => [0, 0])],
    [[[0, 0]], [[0, 0]]],
  ]) {
    assert.throws(
      () => beliefsOfPolicy(compiled, 0, { observations, actions, prior }),
      (error) => error instanceof CohortError && error.code === 'internal',
    )
  }
})
