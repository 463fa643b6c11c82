// What an agent in a grid world believes about it: the A, B, C and D of a model with one goal.
import type { Model } from '@cohort/contracts'
import { checkCell, checkGrid, distance, type Grid, GRID_ACTIONS, target } from './grid.js'

export interface GridModelOptions {
  readonly grid: Grid
  /** The cell that the agent prefers to see. */
  readonly goal: number
  /** The cell where the agent knows that it begins. Left out: it could be anywhere (D uniform). */
  readonly start?: number
}

/**
 * One factor (the cell) and one modality (the cell that is seen), each of size² values; the five actions of
 * `GRID_ACTIONS`. A and B say exactly what the world does (`moveAgents`, `observeCells`). C[o] = −(moves
 * from o to the goal): every step nearer is worth the same. Everything else keeps its default, so an agent
 * looks one step ahead. Throws `invalid_request` for a grid or a cell that cannot be.
 */
export function gridModel({ grid, goal, start }: GridModelOptions): Model {
  checkGrid(grid)
  checkCell(grid.size, 'goal', goal)
  if (start !== undefined) checkCell(grid.size, 'start', start)
  const cells = Array.from({ length: grid.size ** 2 }, (_, cell) => cell)
  const likelihood = spread(cells.length, grid.seenRight)
  const transition = spread(cells.length, grid.movesRight)
  return {
    A: [cells.map((seen) => cells.map((cell) => likelihood(seen === cell)))],
    B: [
      cells.map((next) =>
        cells.map((cell) =>
          GRID_ACTIONS.map((_, action) => transition(next === target(grid.size, cell, action))),
        ),
      ),
    ],
    C: [cells.map((cell) => 0 - distance(grid.size, cell, goal))],
    D: [cells.map((cell) => (start === undefined ? 1 / cells.length : cell === start ? 1 : 0))],
  }
}

/** The probability of the right cell, and of each wrong one. */
const spread =
  (cells: number, right: number) =>
  (isRight: boolean): number =>
    isRight ? right : (1 - right) / (cells - 1)
