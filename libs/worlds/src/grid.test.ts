// Promises of the grid's geometry.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import fc from 'fast-check'
import { checkGrid, corners, distance, GRID5_NOISY, GRID_ACTIONS, target } from './index.js'

test('up, down, left and right lead to the neighbour, stay stays', () => {
  const from = (cell: number) => GRID_ACTIONS.map((_, action) => target(5, cell, action))
  assert.deepEqual(from(12), [7, 17, 11, 13, 12])
})

test('the border holds', () => {
  const from = (cell: number) => GRID_ACTIONS.map((_, action) => target(5, cell, action))
  assert.deepEqual(from(0), [0, 5, 0, 1, 0])
  assert.deepEqual(from(24), [19, 24, 23, 24, 24])
  assert.deepEqual(from(9), [4, 14, 8, 9, 9])
})

test('any action changes the distance to any cell by at most one, and some action lessens it', () => {
  const size = fc.integer({ min: 2, max: 12 })
  const place = size.chain((side) =>
    fc.tuple(fc.constant(side), fc.nat(side * side - 1), fc.nat(side * side - 1)),
  )
  fc.assert(
    fc.property(place, ([side, cell, goal]) => {
      const now = distance(side, cell, goal)
      const next = GRID_ACTIONS.map((_, action) => distance(side, target(side, cell, action), goal))
      assert(next.every((moves) => Math.abs(moves - now) <= 1))
      assert(now === 0 || next.includes(now - 1))
    }),
  )
})

test('the corners are the four cells furthest apart', () => {
  assert.deepEqual(corners(5), [0, 4, 20, 24])
})

test('a grid that cannot be is refused by the name of its field', () => {
  const broken: [string, object][] = [
    ['size', { size: 1 }],
    ['size', { size: 5.5 }],
    ['size', { size: 33 }],
    ['seenRight', { seenRight: 1.01 }],
    ['movesRight', { movesRight: Number.NaN }],
  ]
  for (const [path, change] of broken) {
    const refused = (error: unknown) => error instanceof CohortError && error.errors[0]?.path === path
    assert.throws(() => checkGrid({ ...GRID5_NOISY, ...change }), refused)
  }
})
