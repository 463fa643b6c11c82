// Promises of the grid world: it does what the model says, and the same seed is the same run.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  corners,
  GRID5_NOISY as grid,
  GRID_ACTIONS,
  gridModel,
  markGoals,
  type Moment,
  moveAgents,
  observeCells,
  startCells,
  walkRandomly,
} from './index.js'

const CELLS = 25
const SAMPLES = 4_000
const model = gridModel({ grid, goal: 0 })
const moment: Moment = { grid, seed: 7, firstAgent: 0, tick: 1 }

/**
 * Holds counts against probabilities: each within five standard deviations (fixed seed: no luck involved).
 */
function assertDrawnFrom(probabilities: readonly number[], drawn: Int32Array): void {
  const counts = new Float64Array(probabilities.length)
  for (const value of drawn) counts[value] = (counts[value] ?? 0) + 1
  probabilities.forEach((p, value) => {
    const bound = 5 * Math.sqrt(p * (1 - p) * drawn.length)
    assert(
      Math.abs((counts[value] ?? 0) - p * drawn.length) <= bound,
      `${value}: ${counts[value]} of ${drawn.length}, p ${p}`,
    )
  })
}

const column = (matrix: unknown, ...path: number[]): number[] =>
  (matrix as unknown[]).map((row) => path.reduce((at, key) => (at as unknown[])[key], row) as number)

test('what agents see is drawn from the columns of A', () => {
  for (let cell = 0; cell < CELLS; cell++) {
    const seen = new Int32Array(SAMPLES)
    observeCells({ ...moment, firstAgent: cell * SAMPLES }, new Int32Array(SAMPLES).fill(cell), seen)
    assertDrawnFrom(column(model.A[0], cell), seen)
  }
})

test('where actions lead is drawn from the columns of B', () => {
  for (let cell = 0; cell < CELLS; cell++) {
    for (let action = 0; action < GRID_ACTIONS.length; action++) {
      const cells = new Int32Array(SAMPLES).fill(cell)
      moveAgents({ ...moment, tick: cell * 5 + action }, new Int32Array(SAMPLES).fill(action), cells)
      assertDrawnFrom(column(model.B[0], cell, action), cells)
    }
  }
})

test('agents begin anywhere but at their goal', () => {
  for (const goal of [0, 12, 24]) {
    const cells = new Int32Array(SAMPLES)
    startCells(moment, new Int32Array(SAMPLES).fill(goal), cells)
    assertDrawnFrom(
      Array.from({ length: CELLS }, (_, cell) => (cell === goal ? 0 : 1 / 24)),
      cells,
    )
  }
})

test('a random walk takes each action equally often', () => {
  const actions = new Int32Array(SAMPLES)
  walkRandomly(moment, actions)
  assertDrawnFrom([0.2, 0.2, 0.2, 0.2, 0.2], actions)
})

/** Ten ticks of a random walk of the agents `from`…`from + count − 1`: all cells and all that was seen. */
function history(from: number, count: number, seed = 7): number[][] {
  const goals = Int32Array.from({ length: count }, (_, i) => corners(5)[((from + i) & 3) as 0 | 1 | 2 | 3])
  const [cells, seen, actions] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)]
  const rows: number[][] = Array.from({ length: count }, () => [])
  startCells({ grid, seed, firstAgent: from, tick: 0 }, goals, cells)
  for (let tick = 0; tick < 10; tick++) {
    const now = { grid, seed, firstAgent: from, tick }
    observeCells(now, cells, seen)
    walkRandomly(now, actions)
    moveAgents(now, actions, cells)
    rows.forEach((row, i) => row.push(seen[i] ?? -1, cells[i] ?? -1))
  }
  return rows
}

test('the same seed is the same run, however the agents are grouped', () => {
  const whole = history(0, 60)
  assert.deepEqual([...history(0, 17), ...history(17, 43)], whole)
  assert.notDeepEqual(history(0, 60, 8), whole)
  assert.notDeepEqual(history(0, 60, 7 + 2 ** 32), whole)
})

test('what is seen, where one goes and how one walks do not hang together', () => {
  const [cells, seen, walked] = [new Int32Array(SAMPLES), new Int32Array(SAMPLES), new Int32Array(SAMPLES)]
  observeCells(moment, cells, seen)
  moveAgents(moment, new Int32Array(SAMPLES).fill(4), cells)
  walkRandomly(moment, walked)
  const strayed = walked.filter((_, i) => cells[i] !== 0)
  const misled = cells.filter((_, i) => seen[i] !== 0)
  assertDrawnFrom([0.2, 0.2, 0.2, 0.2, 0.2], strayed)
  assertDrawnFrom(column(model.B[0], 0, 4), misled)
})

test('the first arrival at the goal counts, later ones do not change it', () => {
  const goals = Int32Array.of(3, 3, 4)
  const reachedAt = Int32Array.of(-1, -1, -1)
  markGoals(1, { goals, cells: Int32Array.of(3, 4, 3) }, reachedAt)
  markGoals(2, { goals, cells: Int32Array.of(3, 3, 3) }, reachedAt)
  assert.deepEqual([...reachedAt], [1, 2, -1])
})
