// The cells of the worked examples' grids, numbered row by row from the top left, and where a move leads.
export const MOVES = ['up', 'down', 'left', 'right', 'stay'] as const

const ROW_STEP = [-1, 1, 0, 0, 0]
const COLUMN_STEP = [0, 0, -1, 1, 0]

export interface Cells {
  readonly rows: number
  readonly columns: number
  /** Cells that cannot be entered. */
  readonly walls: readonly number[]
}

/** The border holds, and so do walls: a move against them stays. */
export function leadsTo({ rows, columns, walls }: Cells, cell: number, move: number): number {
  const row = Math.floor(cell / columns) + (ROW_STEP[move] ?? 0)
  const column = (cell % columns) + (COLUMN_STEP[move] ?? 0)
  const next = row * columns + column
  return row < 0 || row >= rows || column < 0 || column >= columns || walls.includes(next) ? cell : next
}

/** Moves between two cells where no wall is in the way. */
export const distance = ({ columns }: Cells, a: number, b: number): number =>
  Math.abs(Math.floor(a / columns) - Math.floor(b / columns)) + Math.abs((a % columns) - (b % columns))

/** As in a sheet: a letter for the column, then the row from 1; A1 is at the top left. */
export const cellName = (columns: number, cell: number): string =>
  `${String.fromCharCode(65 + (cell % columns))}${1 + Math.floor(cell / columns)}`
