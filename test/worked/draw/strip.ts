// A heat strip: what was believed, row by row, as time goes on to the right.
import { INK, PAPER, type Point, rect, text } from './svg.js'

export interface Strip {
  readonly at: Point
  readonly title: string
  readonly rows: readonly string[]
  /** [column][row], from 0 to 1. */
  readonly shares: readonly (readonly number[])[]
  /** Of a cell; the labels of the rows are left of the strip's `at`. */
  readonly width: number
}

const HEIGHT = 24

export function strip({ at, title, rows, shares, width }: Strip): string[] {
  const cells = shares.flatMap((column, i) =>
    rows.map((_, row) => heatCell({ x: at.x + i * width, y: at.y + row * HEIGHT }, width, column[row] ?? 0)),
  )
  const labels = rows.map((label, row) =>
    text({ x: at.x - 8, y: at.y + row * HEIGHT + 16.5 }, label, { anchor: 'end' }),
  )
  return [text({ x: at.x, y: at.y - 8 }, title, { looks: 'b' }), ...labels, ...cells]
}

/** The numbers of the columns, which are steps, under the lowest strip. */
export const columnNumbers = (at: Point, count: number, width: number): string[] => [
  text({ x: at.x - 8, y: at.y }, 'step', { anchor: 'end', looks: 's', fill: INK.dim }),
  ...Array.from({ length: count }, (_, i) =>
    text({ x: at.x + (i + 0.5) * width, y: at.y }, `${i}`, { anchor: 'middle', looks: 's', fill: INK.dim }),
  ),
]

function heatCell({ x, y }: Point, width: number, share: number): string {
  const percent = Math.round(share * 100)
  const { fill, ink } = heat(percent)
  return (
    rect({ x, y, width, height: HEIGHT, fill, stroke: PAPER.line }) +
    text({ x: x + width / 2, y: y + 16.5 }, `${percent}`, { anchor: 'middle', looks: 's', fill: ink })
  )
}

/** From white to blue; black or white on it, as is read better: one has 4.5 : 1 on any colour. */
export function heat(percent: number): { fill: string; ink: string } {
  const mixed = [0x1d, 0x5f, 0xa8].map((end) => Math.round(255 + ((end - 255) * percent) / 100))
  const fill = `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`
  return { fill, ink: contrast(fill, '#000000') >= contrast(fill, '#ffffff') ? '#000000' : '#ffffff' }
}

/** As the Web Content Accessibility Guidelines 2.2 count it: 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const part = Number.parseInt(color.slice(from, from + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
