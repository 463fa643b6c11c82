// What the row keeps of the past: the latest observations and actions, and the prior of the oldest of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Model, ModelOptions } from '@cohort/contracts'
import { sectionOf } from '../row/layout.js'
import { writeLastAction } from '../row/write.js'
import { termOf } from '../slot.js'
import { madeModel } from '../testing/models.js'
import { openTestSlot, type TestSlot } from '../testing/test-slot.js'

const recipe = { numStates: [3], numObs: [3], numControls: [2], seed: 4 }
const modelWith = (options: ModelOptions = {}, more: Partial<Model> = {}): Model => ({
  ...madeModel(recipe),
  ...more,
  options: { inference: 'messagePassing', ...options },
})

/** Of the row that was stepped last: the scratch still holds it. */
const kept = ({ scratch, compiled }: TestSlot, name: Parameters<typeof sectionOf>[2]): number[] => [
  ...sectionOf(compiled, scratch.agent.state, name),
]

function see(slot: TestSlot, outcome: number, did?: number): void {
  slot.observe(0, [outcome])
  slot.step()
  assert.equal(slot.errors[0], 0)
  if (did !== undefined) writeLastAction(slot.info, slot.row(0), [did])
}

test('the window grows, then slides: observations and the actions that were done between them', () => {
  const slot = openTestSlot(modelWith({ window: 3 }), 1)
  const seen = [2, 0, -1, 1, 1]
  const did = [1, 0, 1, 1, 0]
  seen.forEach((outcome, t) => {
    see(slot, outcome, did[t])
    const from = Math.max(0, t - 2)
    assert.deepEqual(kept(slot, 'windowLength'), [Math.min(t + 1, 3)])
    assert.deepEqual(kept(slot, 'windowObservations').slice(0, t + 1 - from), seen.slice(from, t + 1))
    assert.deepEqual(kept(slot, 'windowActions').slice(0, t - from), did.slice(from, t))
  })
})

/** Σ_π q_pi q_π(s_t). */
function average({ scratch, compiled, qPi }: TestSlot, t: number): number[] {
  const { options, policyLen, states } = compiled
  const q = scratch.messagePassing?.q ?? new Float64Array(0)
  return Array.from({ length: states }, (_, s) =>
    qPi.reduce(
      (sum, weight, policy) => sum + weight * q[(policy * (options.window + policyLen) + t) * states + s],
      0,
    ),
  )
}

const near = (got: readonly number[], expected: readonly number[], within = 1e-12) =>
  got.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) <= within, `${got}, expected ${expected}`),
  )

/** Bayes' rule by one outcome, then the action: what an agent with a memory of one step expects. */
function filtered({ compiled }: TestSlot, prior: readonly number[], seen: number, did: number): number[] {
  const weights = prior.map((p, s) => p * compiled.A[0][seen * prior.length + s])
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const B = compiled.B[0][did]
  return prior.map((_, next) =>
    weights.reduce((sum, weight, s) => sum + (B[next * prior.length + s] * weight) / total, 0),
  )
}

const priorOf = ({ scratch }: TestSlot): number[] => [...(scratch.messagePassing?.prior ?? [])]

test('the prior of the window’s first time is D until it slides, then what was seen before it says', () => {
  const slot = openTestSlot(modelWith({ window: 2, gamma: 1 }), 1)
  const D = [...slot.valid.D[0]]
  see(slot, 0, 1)
  near(priorOf(slot), D)
  see(slot, 2, 0)
  near(priorOf(slot), D)
  near([...slot.scratch.qs[0]], average(slot, 1))
  see(slot, 1, 0)
  const second = filtered(slot, D, 0, 1)
  near(priorOf(slot), second)
  see(slot, 0, 1)
  near(priorOf(slot), filtered(slot, second, 2, 0))
})

test('to match pymdp it is the belief about the old window’s first time, as it is', () => {
  const slot = openTestSlot(modelWith({ window: 2, gamma: 1, matchPymdp: true }), 1)
  see(slot, 0, 1)
  see(slot, 2, 0)
  near(priorOf(slot), [...slot.valid.D[0]])
  const first = average(slot, 0)
  near(kept(slot, 'windowPrior'), first)
  see(slot, 1, 0)
  near(priorOf(slot), first)
  near(kept(slot, 'windowPrior'), average(slot, 0))
})

test('with a window of one, beliefs are those of exact filtering, under what was really done', () => {
  const slot = openTestSlot(modelWith({ window: 1, gradientDescent: false }), 1)
  const exact = openTestSlot({ ...madeModel(recipe), options: { inference: 'exact' } }, 1)
  for (const [seen, did] of [
    [0, 1],
    [2, 1],
    [-1, 0],
    [1, 0],
    [1, 1],
  ]) {
    see(slot, seen, did)
    see(exact, seen, did)
    near([...slot.scratch.qs[0]], [...exact.scratch.qs[0]], 1e-9)
  }
})

test('G counts the present and each future step, and what B would be learned to be between them', () => {
  const counts = madeModel({ ...recipe, seed: 9 }).B
  const model = modelWith({ policyLen: 2, useParamInfoGain: true }, { B: counts, pB: counts })
  const slot = openTestSlot(model, 1)
  see(slot, 0)
  see(slot, 1)
  const { compiled, scratch } = slot
  const gain = termOf(scratch.terms, 'paramInfoGainB')
  const w = scratch.novelty.B[0] ?? []
  const q = scratch.messagePassing?.q ?? new Float64Array(0)
  for (let policy = 0; policy < compiled.policies; policy++) {
    const time = (t: number, s: number) => q[(policy * 5 + t) * 3 + s]
    let sum = 0
    for (const t of [1, 2]) {
      const matrix = w[compiled.policyAction[policy * 2 + t - 1]]
      matrix.forEach((weight, i) => (sum -= time(t + 1, Math.floor(i / 3)) * weight * time(t, i % 3)))
    }
    near([gain[policy]], [sum])
  }
})

test('what is learned is learned from the averaged beliefs before and after the step', () => {
  const { A, B } = madeModel(recipe)
  const counts = { pA: A, pB: B, options: { learning: { A: {}, B: {} } } }
  const slot = openTestSlot(modelWith(counts.options, { pA: counts.pA, pB: counts.pB }), 1)
  see(slot, 0, 1)
  const before = [...slot.scratch.qs[0]]
  const held = kept(slot, 'pB')
  see(slot, 2, 0)
  const after = [...slot.scratch.qs[0]]
  const learned = kept(slot, 'pB').map((count, i) => count - held[i])
  const expected = learned.map((_, i) => (i < 9 ? 0 : after[Math.floor((i - 9) / 3)] * before[i % 3]))
  near(learned, expected)
})

test('goals are steered for, from where the policies believe to be', () => {
  const states = [0, 1, 2, 3]
  const leads = (to: (s: number) => number) =>
    states.map((next) => states.map((s) => (to(s) === next ? 1 : 0)))
  const [left, right] = [leads((s) => Math.max(s - 1, 0)), leads((s) => Math.min(s + 1, 3))]
  const B = [states.map((next) => states.map((s) => [left[next][s], right[next][s]]))]
  const slot = openTestSlot(
    { A: [leads((s) => s)], B, H: [[0, 0, 0, 1]], options: { inference: 'messagePassing' } },
    1,
  )
  for (const outcome of [0, 1, 2]) {
    see(slot, outcome)
    const cost = termOf(slot.scratch.terms, 'inductive')
    assert.equal(slot.actions[0], 1)
    assert.ok(cost[0] < cost[1] - 1, String(cost))
  }
})
