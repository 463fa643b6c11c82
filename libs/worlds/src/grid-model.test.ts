// Promises of the grid's model: valid, equal to the world by its numbers, and good enough to find the goal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, DEFAULT_LIMITS } from '@cohort/contracts'
import { describeModel, validateModel } from '@cohort/inference'
import { corners, GRID5_NOISY as grid, gridModel } from './index.js'

test('the model is a valid one of 25 cells, 25 outcomes and 5 actions, for each goal and for a known start', () => {
  for (const goal of corners(5)) {
    const model = gridModel({ grid, goal })
    const { shapes, policies } = describeModel(validateModel(model, DEFAULT_LIMITS))
    assert.deepEqual([shapes, policies], [{ numObs: [25], numStates: [25], numControls: [5] }, 5])
  }
  const known = gridModel({ grid, goal: 0, start: 7 })
  validateModel(known, DEFAULT_LIMITS)
  assert.equal(known.D?.[0]?.[7], 1)
})

test('grid5-noisy: 0.7 on the diagonal of A, 0.9 for a move, the rest spread evenly', () => {
  const { A, B, D } = gridModel({ grid, goal: 0 }) as unknown as {
    A: number[][][]
    B: number[][][][]
    D: number[][]
  }
  const near = (got: number | undefined, expected: number) => assert(Math.abs((got ?? 0) - expected) < 1e-15)
  near(A[0]?.[3]?.[3], 0.7)
  near(A[0]?.[4]?.[3], 0.3 / 24)
  near(B[0]?.[7]?.[12]?.[0], 0.9)
  near(B[0]?.[12]?.[12]?.[0], 0.1 / 24)
  near(B[0]?.[0]?.[0]?.[0], 0.9)
  near(D[0]?.[24], 1 / 25)
})

test('preferences fall with the moves to the goal', () => {
  const { C } = gridModel({ grid: { ...grid, size: 3 }, goal: 2 })
  assert.deepEqual(C, [[-2, -1, 0, -3, -2, -1, -4, -3, -2]])
})

test('a goal or a start outside of the grid is refused by its name', () => {
  const refused = (path: string) => (error: unknown) =>
    error instanceof CohortError && error.errors[0]?.path === path
  assert.throws(() => gridModel({ grid, goal: 25 }), refused('goal'))
  assert.throws(() => gridModel({ grid, goal: 0, start: -1 }), refused('start'))
})
