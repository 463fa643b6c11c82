// A grid with a wall between the agent and its goal: nearer is not on the way.
import type { Model } from '@cohort/contracts'
import { distance, leadsTo, MOVES } from './cells.js'
import { certain, tensor } from './tensor.js'

//   . . . . . . .
//   . . . . # . .
//   . . . . # . .
//   S . . . # . G
//   . . . . # . .
//   . # # # # . .
//   . . . . . . .
export const GRID = { rows: 7, columns: 7, walls: [11, 18, 25, 32, 36, 37, 38, 39] }
export const START = 21
export const GOAL = 27
const CELLS = 49

/** A move works nine times in ten, else one stays; a cell is seen as it is. Nearer, through walls, is liked. */
export const behindAWall = (options: Model['options'] = {}): Model => ({
  A: [tensor([CELLS, CELLS], (seen, cell) => seen === cell)],
  B: [
    tensor([CELLS, CELLS, MOVES.length], (next, cell, move) => {
      const moved = leadsTo(GRID, cell, move)
      return next === moved ? (next === cell ? 1 : 0.9) : next === cell ? 0.1 : 0
    }),
  ],
  C: [tensor([CELLS], (seen) => -distance(GRID, seen, GOAL))],
  D: [certain(CELLS, START)],
  options,
})

/** The same, told where to end up: it knows from which cells the goal can be reached in how many moves. */
export const withAGoal: Model = {
  ...behindAWall({ inductiveDepth: 16 }),
  H: [certain(CELLS, GOAL)],
}
