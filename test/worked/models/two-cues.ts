// Epistemic chaining: a first cue tells where the second one is, and that one where the cheese is.
import type { Model } from '@cohort/contracts'
import { leadsTo, MOVES } from './cells.js'
import { certain, tensor, uniform } from './tensor.js'

export const GRID = { rows: 5, columns: 4, walls: [] }
export const START = 0
export const FIRST_CUE = 8
/** Where the second cue may be, and where the cheese may be; a shock is where the cheese is not. */
export const SECOND_CUE = [2, 6, 14, 18]
export const CHEESE = [7, 15]
const CELLS = 20

/** Factors: the agent's cell, the second cue's place, the cheese's place. Modalities: as commented below. */
export const twoCues = (options: Model['options'] = {}): Model => ({
  A: [
    tensor([CELLS, CELLS], (seen, cell) => seen === cell),
    // Nothing, or the place of the second cue.
    tensor([5, CELLS, 4], (told, cell, cue) => told === (cell === FIRST_CUE ? 1 + cue : 0)),
    // Nothing, or the place of the cheese.
    tensor(
      [3, CELLS, 4, 2],
      (told, cell, cue, cheese) => told === (cell === SECOND_CUE[cue] ? 1 + cheese : 0),
    ),
    // Nothing, cheese, or a shock.
    tensor([3, CELLS, 2], (found, cell, cheese) =>
      CHEESE.includes(cell) ? found === (cell === CHEESE[cheese] ? 1 : 2) : found === 0,
    ),
  ],
  A_dependencies: [[0], [0, 1], [0, 1, 2], [0, 2]],
  B: [
    tensor([CELLS, CELLS, MOVES.length], (next, cell, move) => next === leadsTo(GRID, cell, move)),
    tensor([4, 4, 1], (next, cue) => next === cue),
    tensor([2, 2, 1], (next, cheese) => next === cheese),
  ],
  C: [tensor([CELLS], () => 0), tensor([5], () => 0), tensor([3], () => 0), [0, 2, -4]],
  D: [certain(CELLS, START), uniform(4), uniform(2)],
  options: { policyLen: 4, ...options },
})
