// The promise of the step benchmarks' cases: each names a shape, and each shape is one that all kernels can step.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '@cohort/contracts'
import { ownSlot, validateModel } from '@cohort/inference'
import { kernel } from '../kernel.js'
import { policies } from '../policies.js'
import { EXPLORERS } from '../seed/explorers.js'
import { SHAPES, shapeOf } from './shapes.js'
import { NO_EXTRAS } from './stream.js'

test('each case is a shape, and no shape is left out', () => {
  const cases = new Set([...kernel.cases, ...policies.cases, ...EXPLORERS.map(({ shape }) => shape)])
  for (const name of cases) assert.equal(shapeOf(name).name, name)
  assert.deepEqual([...cases].sort(), SHAPES.map(({ name }) => name).sort())
})

test('the batched kernel steps each of them, in either precision', () => {
  for (const { name, model } of SHAPES) {
    for (const precision of ['double', 'single'] as const) {
      const options = { ...model().options, precision }
      const valid = validateModel({ ...model(), options }, DEFAULT_LIMITS)
      assert.equal(ownSlot(valid, { rows: 1, extras: NO_EXTRAS }).kernel, 'wasm', name)
    }
  }
})
