// Promises of the cost: the first guess is of the work of a step, and what is measured replaces it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guessStepMs, StepCost } from './step-cost.js'

test('the cost follows what is measured', () => {
  const cost = new StepCost(1)
  for (let i = 0; i < 40; i++) cost.measured(100, 5)
  assert.ok(Math.abs(cost.meanMs - 0.05) < 0.001)
})

test('rows that were refused teach nothing, and a step may always cost what was guessed', () => {
  const cost = new StepCost(1)
  for (let i = 0; i < 40; i++) cost.measured(0, 0.01)
  assert.deepEqual([cost.meanMs, cost.mostMs], [1, 1])
  for (let i = 0; i < 40; i++) cost.measured(100, 5)
  assert.equal(cost.mostMs, 1)
})

test('the first guess grows with the work of a step', () => {
  assert.equal(guessStepMs(2e9, 'reference'), 1000)
  assert.ok(guessStepMs(2e5, 'reference') < 1)
})
