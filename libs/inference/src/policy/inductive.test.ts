// Inductive planning: from where a goal can be reached, and agents that go there with nothing else to want.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Model, ModelOptions } from '@cohort/contracts'
import { termOf } from '../slot.js'
import { normalised, tensor } from '../testing/structured.js'
import { openTestSlot, type TestSlot } from '../testing/test-slot.js'

const LENGTH = 6
const GOAL = LENGTH - 1
const LEFT = 0
const STAY = 1
const RIGHT = 2

type Move = (from: number, action: number) => number
const onALine: Move = (from, action) => Math.min(Math.max(from + action - STAY, 0), GOAL)
/** Only to the right, and at the end back to the beginning. */
const oneWay: Move = (from, action) => (action === STAY ? from : (from + 1) % LENGTH)
const nowhere: Move = (from) => from

/** Cells of which the agent sees its own; it begins in `from`, and wants nothing but to be at the goal. */
function walk(
  move: Move,
  from: number,
  options: ModelOptions = {},
  goals: readonly number[] = [GOAL],
): Model {
  return {
    A: [tensor([LENGTH, LENGTH], ([o, s]) => Number(o === s))],
    B: [tensor([LENGTH, LENGTH, 3], ([next, s, a]) => Number(move(s, a) === next))],
    D: [Array.from({ length: LENGTH }, (_, s) => Number(s === from))],
    H: [Array.from({ length: LENGTH }, (_, s) => Number(goals.includes(s)))],
    options,
  }
}

const reachOf = ({ compiled }: TestSlot) => {
  const levels = compiled.reach[0] ?? new Float64Array(0)
  return Array.from({ length: levels.length / LENGTH }, (_, i) =>
    [...levels.subarray(i * LENGTH, (i + 1) * LENGTH)].join(''),
  )
}

/** The cells that the agent stands in, one step after the other. */
function path(move: Move, model: Model, steps: number): number[] {
  const slot = openTestSlot(model, 1)
  const cells = [model.D?.[0]?.indexOf(1) ?? 0]
  for (let tick = 0; tick < steps; tick++) {
    const here = cells[tick]
    slot.observe(0, [here])
    slot.step()
    cells.push(move(here, slot.actions[0]))
  }
  return cells
}

test('on a line a goal is as many steps away as it is far', () => {
  const slot = openTestSlot(walk(onALine, 0, { inductiveDepth: 4 }), 1)
  assert.deepEqual(reachOf(slot), ['000001', '000011', '000111', '001111'])
})

test('on a one-way line it is reached from before it; pymdp reads B the other way, to behind it', () => {
  const options = { inductiveDepth: 3 }
  const [ours, theirs] = [options, { ...options, matchPymdp: true }].map((one) =>
    reachOf(openTestSlot(walk(oneWay, 0, one), 1)),
  )
  assert.deepEqual(ours, ['000001', '000011', '000111'])
  assert.deepEqual(theirs, ['000001', '100001', '110001'])
})

test('what no policy does is no way to the goal', () => {
  // A second control leaps to the goal, and is not the agent's to use; nor is it in a list of policies.
  const B = [
    tensor([LENGTH, LENGTH, 3, 2], ([next, s, a, leap]) => Number((leap ? GOAL : onALine(s, a)) === next)),
    tensor([1, 1, 2], () => 1),
  ]
  const { A, D = [], H = [] } = walk(onALine, 0)
  const base: Model = {
    A,
    A_dependencies: [[0]],
    B,
    B_action_dependencies: [[0, 1], [1]],
    D: [...D, [1]],
    H: [...H, null],
  }
  const listed = [LEFT, STAY, RIGHT].map((action) => [[action, 0]])
  for (const narrow of [{ options: { controllable: [0] } }, { policies: listed }]) {
    const slot = openTestSlot({ ...base, ...narrow }, 1)
    assert.deepEqual(reachOf(slot).slice(0, 3), ['000001', '000011', '000111'])
    assert.deepEqual(path(onALine, { ...base, ...narrow }, 6), [0, 1, 2, 3, 4, 5, 5])
  }
  assert.equal(reachOf(openTestSlot(base, 1))[1], '111111')
})

test('an agent without any preference walks to the goal and stays', () => {
  for (const inference of ['fixedPoint', 'exact', 'messagePassing'] as const) {
    const right = path(onALine, walk(onALine, 0, { inference }), 8)
    assert.deepEqual(right, [0, 1, 2, 3, 4, 5, 5, 5, 5], inference)
  }
  const left = path(onALine, walk(onALine, 4, {}, [1]), 5)
  assert.deepEqual(left, [4, 3, 2, 1, 1, 1])
  assert.deepEqual(path(oneWay, walk(oneWay, 2), 4), [2, 3, 4, 5, 5])
})

test('it goes to the nearer of two goals', () => {
  assert.deepEqual(path(onALine, walk(onALine, 2, {}, [0, 5]), 3), [2, 1, 0, 0])
})

/** The cost of each policy in the first step, in units of a step wholly off the way. */
function costs(model: Model): number[] {
  const slot = openTestSlot(model, 1)
  slot.observe(0, [model.D?.[0]?.indexOf(1) ?? 0])
  slot.step()
  return [...termOf(slot.scratch.terms, 'inductive')].map(
    (cost) => Math.round((1e9 * cost) / Math.log(1e-3)) / 1e9 + 0,
  )
}

test('a step off the way costs ln 1e-3; a goal out of reach costs nothing', () => {
  assert.deepEqual(costs(walk(onALine, 2)), [1, 1, 0])
  assert.deepEqual(costs(walk(onALine, GOAL)), [1, 0, 0])
  assert.deepEqual(costs(walk(nowhere, 2)), [0, 0, 0])
  // Two levels: the goal and one step before it.
  assert.deepEqual(costs(walk(onALine, 3, { inductiveDepth: 2 })), [0, 0, 0])
  assert.deepEqual(costs(walk(onALine, 4, { inductiveDepth: 2 })), [1, 1, 0])
})

test('an agent that has learned that a way is all but closed does not count on it', () => {
  // From the middle, the step to the goal now and then fails; here it fails each time.
  const middle = 2
  const fails = (s: number, a: number) => s === middle && a === RIGHT
  const pB = tensor([LENGTH, LENGTH, 3], ([next, s, a]) =>
    fails(s, a) && next === middle ? 0.1 : Number(onALine(s, a) === next),
  )
  const options: ModelOptions = { learning: { B: { rate: 10 } }, inductiveThreshold: 0.2 }
  const model = { ...walk(onALine, middle, options, [middle + 1]), B: [normalised(pB)], pB: [pB] }
  for (const matchPymdp of [false, true]) {
    const slot = openTestSlot({ ...model, options: { ...options, matchPymdp, gamma: 1e6 } }, 1)
    slot.observe(0, [middle])
    for (let tick = 0; tick < 3; tick++) slot.step()
    const [now, first] = [slot.scratch.mind, slot.compiled].map(
      ({ reach }) => [...(reach[0] ?? [])][LENGTH + middle],
    )
    assert.deepEqual([now, first], matchPymdp ? [1, 1] : [0, 1])
  }
})
