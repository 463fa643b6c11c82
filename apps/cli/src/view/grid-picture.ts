// A grid of cells as lines of text: how many are on each as a heat and a number, the goals marked. Pure.

/** Columns and rows of a cell: about square in a terminal. */
const CELL_WIDTH = 6
const CELL_ROWS = 2
/** Dark blue to light yellow (256-colour codes), each with its ink: readable on any terminal. */
const HEAT = [
  { paper: 236, ink: 244 },
  { paper: 24, ink: 255 },
  { paper: 30, ink: 255 },
  { paper: 36, ink: 232 },
  { paper: 78, ink: 232 },
  { paper: 149, ink: 232 },
  { paper: 227, ink: 232 },
] as const
const SHADES = [' ', '·', '░', '░', '▒', '▒', '▓'] as const
/** A cell with this share of all is as hot as can be. */
const HOTTEST_SHARE = 0.13
const GOAL = 'goal'

export interface GridPicture {
  readonly size: number
  readonly counts: Uint32Array
  readonly goals: readonly number[]
  /** Without colour the heat is a shade of characters. */
  readonly colour: boolean
}

/** Columns of a grid with its border. */
export const gridWidth = (size: number): number => size * CELL_WIDTH + 2

/** Lines of exactly `gridWidth(size)` visible columns. */
export function gridLines(picture: GridPicture): string[] {
  const { size, counts } = picture
  const all = counts.reduce((sum, count) => sum + count, 0)
  const rows = Array.from({ length: size * CELL_ROWS }, (_, line) => {
    const row = Math.floor(line / CELL_ROWS)
    const cells = Array.from({ length: size }, (_, column) => row * size + column)
    return `│${cells.map((cell) => cellText(picture, cell, { all, line: line % CELL_ROWS })).join('')}│`
  })
  const rule = '─'.repeat(size * CELL_WIDTH)
  return [`┌${rule}┐`, ...rows, `└${rule}┘`]
}

/** 0…6, in proportion to the share; anybody at all is at least 1. */
export function heatOf(count: number, all: number): number {
  if (count === 0 || all === 0) return 0
  const level = (count / all / HOTTEST_SHARE) * (HEAT.length - 1)
  return Math.min(HEAT.length - 1, Math.max(1, Math.round(level)))
}

/** At most six characters: 1234 as it is, 12,345 agents as 12k, 1,234,567 as 1.2M. */
export function short(count: number): string {
  if (count < 10_000) return String(count)
  return count < 1_000_000
    ? `${Math.floor(count / 1000)}k`
    : `${(Math.floor(count / 100_000) / 10).toFixed(1)}M`
}

function cellText(
  picture: GridPicture,
  cell: number,
  at: { readonly all: number; readonly line: number },
): string {
  const count = picture.counts[cell] ?? 0
  const heat = heatOf(count, at.all)
  const isGoal = picture.goals.includes(cell)
  const label = at.line === 0 ? (count === 0 ? '' : short(count)) : isGoal ? GOAL : ''
  const { paper, ink } = HEAT[heat] ?? HEAT[0]
  if (picture.colour) return `\x1b[48;5;${paper}m\x1b[38;5;${ink}m${centred(label, ' ')}\x1b[0m`
  return centred(label === '' ? '' : ` ${label} `.slice(0, CELL_WIDTH), SHADES[heat] ?? ' ')
}

function centred(label: string, fill: string): string {
  const left = Math.floor((CELL_WIDTH - label.length) / 2)
  return fill.repeat(left) + label + fill.repeat(CELL_WIDTH - left - label.length)
}
