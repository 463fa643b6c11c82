// A chart over the last minute: lines, or one line with its area, on axes that say what they mean.
import { makeSvg } from './dom.js'
import type { Point } from './snapshot.js'

export type Series = Exclude<keyof Point, 'atMs'>

interface ChartOptions {
  readonly svg: SVGSVGElement
  /** The first is drawn last, over the others; only a lone one has an area. */
  readonly series: readonly Series[]
  readonly format: (value: number) => string
  /** For those who do not see it; called with the newest and the highest value of the first series. */
  readonly tell: (now: number, most: number) => string
}

interface Place {
  readonly width: number
  readonly height: number
  readonly most: number
  readonly nowMs: number
}

/** Before the producer has said anything. */
const NO_NEWS = 'no news yet'
export const SPAN_MS = 60_000
/** Where points are further apart, somebody was away: the line is broken. */
const GAP_MS = 3500
const PAD = { top: 20, right: 4, bottom: 20, left: 4 } as const
const GRID = 3

/** `empty`: what it says where no point has a value. */
type Draw = (points: readonly Point[], empty: string) => void

/** Returns what draws it anew. It does so by itself when its size changes. */
export function openChart(options: ChartOptions): Draw {
  let last: Parameters<Draw> = [[], NO_NEWS]
  const draw: Draw = (...now) => {
    last = now
    drawChart(options, ...now)
  }
  new ResizeObserver(() => draw(...last)).observe(options.svg)
  return draw
}

function drawChart(options: ChartOptions, points: readonly Point[], empty: string): void {
  const { svg, series, format, tell } = options
  const { width, height } = svg.getBoundingClientRect()
  if (width === 0) return
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  const values = points.flatMap((point) => series.flatMap((name) => point[name] ?? []))
  if (values.length === 0) {
    svg.setAttribute('aria-label', empty)
    const middle = { class: 'empty', x: width / 2, y: height / 2, 'text-anchor': 'middle' }
    return svg.replaceChildren(label(empty, middle))
  }
  const place: Place = {
    width,
    height,
    most: roundUp(Math.max(0, ...values)),
    nowMs: points.at(-1)?.atMs ?? 0,
  }
  const shapes = series.toReversed().flatMap((name) => shapesOf(points, name, place, series.length === 1))
  svg.replaceChildren(...gridOf(place), ...labelsOf(place, format(place.most)), ...shapes)
  const first = series[0]
  const own = first === undefined ? [] : points.flatMap((point) => point[first] ?? [])
  svg.setAttribute('aria-label', tell(own.at(-1) ?? 0, Math.max(0, ...own)))
}

/** Tops of an axis, times a power of ten: each is easy to read, and not far above the one before. */
const TOPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]

function roundUp(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return power * (TOPS.find((top) => value <= top * power) ?? 10)
}

const xOf = (atMs: number, { width, nowMs }: Place): number =>
  width - PAD.right - ((nowMs - atMs) / SPAN_MS) * (width - PAD.left - PAD.right)

const yOf = (value: number, { height, most }: Place): number =>
  height - PAD.bottom - (value / most) * (height - PAD.top - PAD.bottom)

const gridOf = (place: Place): SVGElement[] =>
  Array.from({ length: GRID + 1 }, (_, i) => {
    const y = Math.round(yOf((place.most * i) / GRID, place)) + 0.5
    return makeSvg('line', { class: 'grid', x1: 0, x2: place.width, y1: y, y2: y })
  })

const labelsOf = ({ width, height }: Place, top: string): SVGElement[] => [
  label(top, { x: PAD.left, y: PAD.top - 6 }),
  label('a minute ago', { x: PAD.left, y: height - 5 }),
  label('now', { x: width - PAD.right, y: height - 5, 'text-anchor': 'end' }),
]

function label(text: string, at: Readonly<Record<string, string | number>>): SVGElement {
  const element = makeSvg('text', { class: 'label', ...at })
  element.textContent = text
  return element
}

function shapesOf(points: readonly Point[], name: Series, place: Place, withArea: boolean): SVGElement[] {
  return runsOf(points, name).flatMap((run) => {
    const path = run.map(([atMs, value]) => `${xOf(atMs, place).toFixed(1)},${yOf(value, place).toFixed(1)}`)
    const [from = 0, to = 0] = [run[0]?.[0], run.at(-1)?.[0]].map((atMs) => xOf(atMs ?? 0, place))
    const floor = yOf(0, place)
    // A lone point is a line of no length, which its round ends make a dot.
    const line = makeSvg('path', {
      class: `line ${name}`,
      d: `M${path.join('L')}${path.length === 1 ? 'h0' : ''}`,
    })
    const area = makeSvg('path', {
      class: `area ${name}`,
      d: `M${from},${floor}L${path.join('L')}L${to},${floor}Z`,
    })
    return withArea ? [area, line] : [line]
  })
}

/** Points that follow each other. */
function runsOf(points: readonly Point[], name: Series): [atMs: number, value: number][][] {
  const runs: [number, number][][] = []
  let lastMs = -Infinity
  for (const point of points) {
    const value = point[name]
    if (value === undefined) continue
    if (point.atMs - lastMs > GAP_MS) runs.push([])
    runs.at(-1)?.push([point.atMs, value])
    lastMs = point.atMs
  }
  return runs
}
