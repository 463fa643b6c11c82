// A grid from above: its cells, walls and marks, and the way that an agent went.
import type { Cells } from '../models/cells.js'
import { badge, INK, line, PAPER, type Point, rect, text } from './svg.js'

export interface Mark {
  readonly cell: number
  readonly label: string
  readonly fill: string
}

export interface GridMap {
  readonly at: Point
  readonly grid: Cells
  /** Side of a cell. */
  readonly side: number
  readonly marks: readonly Mark[]
}

export function drawMap({ at, grid, side }: GridMap): string[] {
  return Array.from({ length: grid.rows * grid.columns }, (_, cell) => {
    const { x, y } = corner({ at, grid, side }, cell)
    const fill = grid.walls.includes(cell) ? PAPER.wall : PAPER.cell
    return rect({ x, y, width: side, height: side, fill, stroke: PAPER.line })
  })
}

/** The words of the marked cells, with a rim so that they are read on a line too. */
export function drawMarks({ at, grid, side, marks }: GridMap): string[] {
  return marks.map(({ cell, label, fill }) => {
    const { x, y } = corner({ at, grid, side }, cell)
    return text({ x: x + side / 2, y: y + side - 5 }, label, {
      fill,
      anchor: 'middle',
      looks: 'b s',
      rim: true,
    })
  })
}

/** A line through the cells, aside where it was before; a step's number where a cell is entered first. */
export function drawWay(map: GridMap, way: readonly number[], color: string): string[] {
  const entered = way.filter((cell, t) => cell !== way[t - 1])
  const points = entered.map((cell, i) => {
    const before = entered.slice(0, i).filter((earlier) => earlier === cell).length
    return middle(map, cell, before)
  })
  const badges = entered.flatMap((cell, i) =>
    entered.indexOf(cell) === i ? [badge(middle(map, cell, 0), `${way.indexOf(cell)}`, color)] : [],
  )
  return [line(points, color, 3), ...badges]
}

/** A note above the map. */
export const mapTitle = ({ at }: GridMap, title: string): string =>
  text({ x: at.x, y: at.y - 10 }, title, { looks: 'b', fill: INK.text })

const ASIDE = 7

function middle(map: GridMap, cell: number, before: number): Point {
  const { x, y } = corner(map, cell)
  const aside = Math.min(before, 2) * ASIDE
  return { x: x + map.side / 2 + aside, y: y + map.side / 2 - 5 + aside }
}

const corner = ({ at, grid, side }: Omit<GridMap, 'marks'>, cell: number): Point => ({
  x: at.x + (cell % grid.columns) * side,
  y: at.y + Math.floor(cell / grid.columns) * side,
})
