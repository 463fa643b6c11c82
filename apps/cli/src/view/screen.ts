// A frame as lines that fit a terminal: grids where there is room, bars and figures always. Pure.
import { corners, GRID5_NOISY } from '@cohort/worlds'
import { grouped, percent } from './words.js'
import { bar } from './bar.js'
import type { Frame } from './frame.js'
import { gridLines, gridWidth } from './grid-picture.js'

export interface Screen {
  readonly columns: number
  readonly rows: number
  readonly colour: boolean
}

const LABEL_WIDTH = 20
const VALUE_WIDTH = 12
const GAP = 3
const MARGIN = '  '
const WIDEST_BAR = 40
/** A cursor that goes up to the frame's first line must find it on the screen: one row stays free. */
const FREE_ROWS = 1

/** No line is wider than the screen, and there are fewer lines than it has rows. */
export function screenLines(frame: Frame, screen: Screen): string[] {
  const figures = figureLines(frame, screen)
  const grids = gridsThatFit(frame, screen)
  const roomy = grids.length + figures.length + FREE_ROWS <= screen.rows
  return (roomy ? [...grids, ...figures] : figures).slice(0, Math.max(0, screen.rows - FREE_ROWS))
}

function gridsThatFit(frame: Frame, { columns, colour }: Screen): string[] {
  const { size } = GRID5_NOISY
  const width = gridWidth(size)
  const common = { size, goals: corners(size), colour }
  const agents = titled('active inference', gridLines({ ...common, counts: frame.cells }), width)
  const walks = titled('the same, moving at random', gridLines({ ...common, counts: frame.walkCells }), width)
  const one = MARGIN.length + width
  const under = [MARGIN + LEGENDS.find((text) => MARGIN.length + text.length <= columns), '']
  if (columns < one) return []
  if (columns < one + GAP + width) return [...agents.map((line) => MARGIN + line), ...under]
  return [...agents.map((line, i) => `${MARGIN}${line}${' '.repeat(GAP)}${walks[i] ?? ''}`), ...under]
}

/** The longest that fits is shown; the last fits wherever a grid does. */
const LEGENDS = [
  'numbers: agents in the cell; each agent looks for one of the four goals',
  'numbers: agents in the cell',
] as const

const titled = (title: string, lines: readonly string[], width: number): string[] => [
  ` ${title}`.padEnd(width),
  ...lines,
]

function figureLines(frame: Frame, { columns }: Screen): string[] {
  const { tick, ticks, reached, walkReached, stepsPerSecond, latencyMs } = frame
  const barWidth = Math.min(WIDEST_BAR, columns - MARGIN.length - LABEL_WIDTH - VALUE_WIDTH)
  const line = (label: string, share: number, value: string) => {
    const drawn = barWidth > 0 ? `${bar(share, barWidth)} ` : ''
    return `${MARGIN}${label.padEnd(LABEL_WIDTH)}${drawn}${value}`
  }
  const rates =
    stepsPerSecond === 0
      ? 'no answers yet'
      : `${grouped(stepsPerSecond)} steps/s   p50 ${latencyMs.p50} ms   p99 ${latencyMs.p99} ms`
  return [
    line('tick', ticks === 0 ? 0 : tick / ticks, `${tick}/${ticks}`),
    line('been at goal', reached, percent(reached)),
    line('… moving at random', walkReached, percent(walkReached)),
    `${MARGIN}${rates}`,
  ].map((text) => text.slice(0, columns))
}
