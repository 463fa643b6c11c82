// What a step leaves to the garbage collector: next to nothing, whatever the kind of model.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getHeapStatistics } from 'node:v8'
import type { ModelOptions } from '@cohort/contracts'
import { madeModel, type Recipe } from './testing/models.js'
import { openTestSlot, seenBy, type TestSlot } from './testing/test-slot.js'

const ROWS = 100
/** A task makes a layout and views of its slot, about 1 kB for all its rows; reading the counter makes some more. */
const PER_STEP = 64
const TASKS = 5

const TWO: Recipe = { numStates: [3, 2], numControls: [2, 2], numObs: [3, 2], seed: 5 }
const ONE: Recipe = { numStates: [4], numControls: [2], numObs: [3, 2], seed: 5 }
const LEARNING: ModelOptions = { learning: { A: {}, B: {}, D: {}, E: {} }, useParamInfoGain: true }
const PASSING: ModelOptions = { inference: 'messagePassing', window: 2, gamma: 1, policyLen: 2, numIter: 4 }

const KINDS: Readonly<Record<string, Recipe>> = {
  'a fixed point': { ...TWO, options: { policyLen: 2 } },
  'sweeps in turn, and a plan that is kept': {
    ...TWO,
    options: { sweeps: 'sequential', policyLen: 2, planEvery: 2 },
  },
  'whole policies by lot': { ...TWO, options: { actionSelection: 'stochastic', samplingMode: 'full' } },
  'exact filtering': { ...ONE, options: { inference: 'exact', policyLen: 2 } },
  'a search': { ...TWO, options: { planning: 'sophisticated', horizon: 2, outcomePruneThreshold: 0.1 } },
  'message passing': { ...TWO, options: { ...PASSING, updateGamma: true } },
  'message passing that learns': {
    ...TWO,
    counts: true,
    goal: true,
    options: { ...PASSING, ...LEARNING, gradientDescent: false },
  },
  'all that can be learned': { ...TWO, counts: true, goal: true, options: LEARNING },
}

for (const [kind, recipe] of Object.entries(KINDS)) {
  test(`a step of ${kind} allocates nothing of its own`, () => {
    const slot = openTestSlot(madeModel(recipe), ROWS)
    for (let row = 0; row < ROWS; row++) slot.observe(row, seenBy(recipe.numObs, row, 1))
    // A compiler that has not yet come to a function leaves boxed numbers, and its own work counts too: what a step
    // allocates itself is in every run of steps, so the least of them is what counts.
    let least = Infinity
    for (let run = 0; run < 200 && least > PER_STEP; run++) least = Math.min(least, allocated(slot))
    assert.ok(least <= PER_STEP, `${Math.round(least)} bytes a step`)
  })
}

/** Bytes a step, over a run of tasks. */
function allocated(slot: TestSlot): number {
  const before = totalAllocated()
  for (let task = 0; task < TASKS; task++) slot.step()
  return (totalAllocated() - before) / (TASKS * ROWS)
}

/** Bytes that this thread has ever allocated on its heap. */
function totalAllocated(): number {
  const statistics = getHeapStatistics() as ReturnType<typeof getHeapStatistics> & {
    readonly total_allocated_bytes: number
  }
  return statistics.total_allocated_bytes
}
