// The geometry of a square grid, shared by the world and the model of it: cells, moves, distances.
import { CohortError } from '@cohort/contracts'

/** The five actions, in the order of their numbers 0…4. */
export const GRID_ACTIONS = ['up', 'down', 'left', 'right', 'stay'] as const

const ROW_STEP = [-1, 1, 0, 0, 0] as const
const COLUMN_STEP = [0, 0, -1, 1, 0] as const
/** A model of the grid holds cells² × 5 numbers: 32 × 32 cells are already 5 million. */
const MOST_CELLS_A_SIDE = 32

/** A square world of `size` × `size` cells, numbered row by row from the top left. */
export interface Grid {
  readonly size: number
  /** Probability that an agent sees its own cell; the rest is spread evenly over the other cells. */
  readonly seenRight: number
  /** Probability that a move leads where it should; the rest is spread evenly over the other cells. */
  readonly movesRight: number
}

/** `grid5-noisy`: 25 cells, seen right with 0.7, moves succeed with 0.9. */
export const GRID5_NOISY: Grid = Object.freeze({ size: 5, seenRight: 0.7, movesRight: 0.9 })

/** Throws `invalid_request` with the field's name where the grid cannot be. */
export function checkGrid({ size, seenRight, movesRight }: Grid): void {
  if (!Number.isInteger(size) || size < 2 || size > MOST_CELLS_A_SIDE) {
    throw fault('size', size, `an integer from 2 to ${MOST_CELLS_A_SIDE}`)
  }
  if (!isProbability(seenRight)) throw fault('seenRight', seenRight, 'a probability')
  if (!isProbability(movesRight)) throw fault('movesRight', movesRight, 'a probability')
}

/** Throws `invalid_request` where `cell` is not a cell of a grid of that size. */
export function checkCell(size: number, name: string, cell: number): void {
  const cells = size * size
  if (!Number.isInteger(cell) || cell < 0 || cell >= cells)
    throw fault(name, cell, `a cell from 0 to ${cells - 1}`)
}

/** Where `action` leads from `cell` when it succeeds. The border holds: a move against it stays. */
export function target(size: number, cell: number, action: number): number {
  const row = Math.floor(cell / size) + (ROW_STEP[action] ?? 0)
  const column = (cell % size) + (COLUMN_STEP[action] ?? 0)
  return row < 0 || row >= size || column < 0 || column >= size ? cell : row * size + column
}

/** Moves between two cells: |rows| + |columns|. */
export function distance(size: number, a: number, b: number): number {
  return Math.abs(Math.floor(a / size) - Math.floor(b / size)) + Math.abs((a % size) - (b % size))
}

/** Top left, top right, bottom left, bottom right. */
export const corners = (size: number): readonly [number, number, number, number] => [
  0,
  size - 1,
  size * (size - 1),
  size * size - 1,
]

const isProbability = (value: number): boolean => value >= 0 && value <= 1

const fault = (path: string, got: number, expected: string): CohortError =>
  new CohortError('invalid_request', `${path} must be ${expected}, got ${got}`, {
    errors: [{ path, message: 'out of range', got, expected }],
  })
