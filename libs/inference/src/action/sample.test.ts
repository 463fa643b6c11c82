// The chosen action: the best, or drawn with its probability; ties by lot; the same when the step is repeated.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelOptions } from '@cohort/contracts'
import { ROW } from '../row/layout.js'
import { openTestSlot } from '../testing/test-slot.js'
import { sharpen } from './sample.js'

/** Two factors that nothing is known or wanted of, of 3 and 2 actions; the habits alone decide. */
const idle = (E: number[], options: ModelOptions) => ({
  A: [[[[1]]]],
  B: [[[[1, 1, 1]]], [[[1, 1]]]],
  E,
  options: { gamma: 0, ...(options.actionSelection === 'stochastic' && { alpha: 1 }), ...options },
})

const EVEN = new Array<number>(6).fill(1 / 6)
/** The best policy, the fifth, does not begin with the second factor's best action. */
const HABITS = [0.1, 0.25, 0.05, 0.15, 0.28, 0.17]
const AGENTS = 6000

/** How often each joint action is chosen by many agents in their first step. */
function shares(E: number[], options: ModelOptions): number[] {
  const slot = openTestSlot(idle(E, options), AGENTS)
  slot.obs.fill(-1)
  slot.step()
  const counts = new Array<number>(6).fill(0)
  for (let row = 0; row < AGENTS; row++) counts[2 * slot.actions[row] + slot.actions[AGENTS + row]]++
  return counts.map((count) => count / AGENTS)
}

const near = (got: readonly number[], expected: readonly number[]) =>
  got.forEach((share, i) =>
    assert.ok(Math.abs(share - expected[i]) < 0.03, `${got.join()} not ${expected.join()}`),
  )

test('in marginal mode each factor takes its best action, in full mode the best policy is taken whole', () => {
  assert.deepEqual(shares(HABITS, { samplingMode: 'marginal' }), [0, 0, 0, 0, 0, 1])
  assert.deepEqual(shares(HABITS, { samplingMode: 'full' }), [0, 0, 0, 0, 1, 0])
})

test('ties within 1e-8 are broken by lot, evenly', () => {
  near(shares(EVEN, { samplingMode: 'marginal' }), EVEN)
  near(shares([1 / 3, 0, 1 / 3 + 5e-9, 0, 1 / 3, 0], { samplingMode: 'full' }), [
    1 / 3,
    0,
    1 / 3,
    0,
    1 / 3,
    0,
  ])
  assert.deepEqual(shares([0.5 + 1e-7, 0.5 - 1e-7, 0, 0, 0, 0], { samplingMode: 'full' }), [1, 0, 0, 0, 0, 0])
})

test('stochastic choices follow their probabilities, factor by factor or policy by policy', () => {
  near(shares(HABITS, { samplingMode: 'full', actionSelection: 'stochastic' }), HABITS)
  const marginals = [0.35, 0.2, 0.45].flatMap((first) => [0.43, 0.57].map((second) => first * second))
  near(shares(HABITS, { samplingMode: 'marginal', actionSelection: 'stochastic' }), marginals)
})

test('alpha sharpens a stochastic choice', () => {
  const out = new Float64Array(3)
  sharpen(Float64Array.of(0.5, 0.25, 0.25), 2, out)
  out.forEach((p, i) => assert.ok(Math.abs(p - [2 / 3, 1 / 6, 1 / 6][i]) < 1e-12))
})

test('what no policy does is not drawn, however little precision a choice has', () => {
  const third = [1 / 3, 1 / 3, 1 / 3]
  const never = shares(third, { controllable: [0], actionSelection: 'stochastic', alpha: 0 })
  near(never, [1 / 3, 0, 1 / 3, 0, 1 / 3, 0])
})

test('an agent draws anew at each step, and the same again when the step is repeated', () => {
  const drawnAt = () => {
    const slot = openTestSlot(idle(EVEN, { actionSelection: 'stochastic' }), 1)
    slot.obs.fill(-1)
    return Array.from({ length: 40 }, () => {
      slot.step()
      return `${slot.actions.join()}`
    })
  }
  const drawn = drawnAt()
  assert.deepEqual(drawnAt(), drawn)
  assert.equal(new Set(drawn).size, 6)
})

test('every bit of an agent’s seed counts', () => {
  const slot = openTestSlot(idle(EVEN, { actionSelection: 'stochastic' }), 65)
  slot.obs.fill(-1)
  const seeds = slot.rowsIn.buffer
  for (let row = 0; row < 65; row++) {
    const at = slot.at + slot.layout.rows + row * slot.info.rowBytes + ROW.seed
    new DataView(seeds).setBigUint64(at, row === 64 ? 0n : 1n << BigInt(row), true)
  }
  const drawn = new Array<string>(65).fill('')
  for (let tick = 0; tick < 40; tick++) {
    slot.step()
    drawn.forEach((_, row) => (drawn[row] += `${slot.actions[row]}${slot.actions[65 + row]} `))
  }
  assert.equal(new Set(drawn).size, 65)
})

/** The margins of one agent's first step, one a control. */
function margins(E: number[], options: ModelOptions): number[] {
  const slot = openTestSlot(idle(E, options), 1)
  slot.obs.fill(-1)
  slot.step()
  return [...slot.scratch.margin]
}

test('the margin is how far the chosen action is ahead of the next: of each control, or of the whole policy', () => {
  const close = (got: readonly number[], expected: readonly number[]) =>
    got.forEach((margin, c) => assert.ok(Math.abs(margin - expected[c]) < 1e-12, got.join()))
  close(margins(HABITS, { samplingMode: 'marginal' }), [0.1, 0.14])
  close(margins(HABITS, { samplingMode: 'full' }), [0.03, 0.03])
  close(margins(EVEN, { samplingMode: 'full' }), [0, 0])
})

test('the margin of a drawn action is negative where a better one was left', () => {
  const slot = openTestSlot(idle(HABITS, { actionSelection: 'stochastic' }), 200)
  slot.obs.fill(-1)
  slot.step()
  const marginOf = new Float64Array(slot.buffer, slot.at + slot.layout.margin, 400)
  for (let row = 0; row < 200; row++) {
    assert.equal(marginOf[row] > 0, slot.actions[row] === 2)
    assert.equal(marginOf[200 + row] > 0, slot.actions[200 + row] === 1)
  }
})

test('a control of one action has a margin of one: there was nothing else to do', () => {
  const slot = openTestSlot({ A: [[[1]]], B: [[[[1]]]] }, 1)
  slot.obs.fill(-1)
  slot.step()
  assert.deepEqual([...slot.scratch.margin], [1])
})
