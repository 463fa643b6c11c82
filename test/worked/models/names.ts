// What the parts of the worked examples' models are called, for `cohort explain`.
import { cellName, MOVES } from './cells.js'
import { CHEESE, GRID as CUE_GRID, SECOND_CUE } from './two-cues.js'
import { GRID as WALL_GRID } from './walls.js'

const cells = ({ rows, columns }: typeof WALL_GRID | typeof CUE_GRID): string[] =>
  Array.from({ length: rows * columns }, (_, cell) => cellName(columns, cell))

const inCues = (places: readonly number[]): string[] => places.map((cell) => cellName(CUE_GRID.columns, cell))

export const BANDIT = {
  factors: [{ name: 'last arm', states: ['first', 'second'] }],
  modalities: [{ name: 'pays', outcomes: ['nothing', 'win'] }],
  controls: [{ name: 'pull', actions: ['first', 'second'] }],
}

export const TWO_CUES = {
  factors: [
    { name: 'cell', states: cells(CUE_GRID) },
    { name: 'second cue is in', states: inCues(SECOND_CUE) },
    { name: 'cheese is in', states: inCues(CHEESE) },
  ],
  modalities: [
    { name: 'cell', outcomes: cells(CUE_GRID) },
    { name: 'first cue', outcomes: ['nothing', ...inCues(SECOND_CUE)] },
    { name: 'second cue', outcomes: ['nothing', ...inCues(CHEESE)] },
    { name: 'found', outcomes: ['nothing', 'cheese', 'shock'] },
  ],
  controls: [
    { name: 'move', actions: MOVES },
    { name: 'second cue', actions: ['stays'] },
    { name: 'cheese', actions: ['stays'] },
  ],
}

export const WALLS = {
  factors: [{ name: 'cell', states: cells(WALL_GRID) }],
  modalities: [{ name: 'cell', outcomes: cells(WALL_GRID) }],
  controls: [{ name: 'move', actions: MOVES }],
}
