// Promises of the cost: the first guess tells small models from large ones, and what is measured replaces it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guessStepMs, StepCost } from './step-cost.js'

test('the cost follows what is measured', () => {
  const cost = new StepCost(1)
  for (let i = 0; i < 40; i++) cost.measured(100, 5)
  assert.ok(Math.abs(cost.meanMs - 0.05) < 0.001)
})

test('the first guess grows with policies and states', () => {
  const grid = { policies: 5, numStates: [25], numObs: [25] }
  assert.ok(guessStepMs({ ...grid, policies: 125 }) > guessStepMs(grid))
  assert.ok(guessStepMs({ ...grid, numStates: [100] }) > guessStepMs(grid))
})
