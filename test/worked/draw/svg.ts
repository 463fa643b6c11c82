// The pictures of the worked examples: a few shapes as text, on a card, the same bytes on every machine.

/** Each is readable (4.5 : 1 and more) on `card` and on `cell`. */
export const INK = {
  text: '#1f2430',
  dim: '#555c6b',
  blue: '#1d5fa8',
  orange: '#a84a08',
  green: '#23702f',
  red: '#a8324a',
}
export const PAPER = {
  card: '#f7f8fa',
  cell: '#ffffff',
  line: '#c9ced8',
  corridor: '#e2e6ed',
  wall: '#4a5160',
}

export interface Point {
  readonly x: number
  readonly y: number
}

const STYLE = [
  'text{font:14px system-ui,"Segoe UI",Helvetica,Arial,"DejaVu Sans",sans-serif}',
  '.b{font-weight:600}',
  '.s{font-size:12px}',
  '.r{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}',
].join('')

/** 700 wide, as wide as pages are. `told`: what it shows, for who does not see it. */
export function picture(height: number, told: string, parts: readonly string[]): string {
  const size = `viewBox="0 0 700 ${height}" width="700" height="${height}"`
  const card = {
    x: 0.5,
    y: 0.5,
    width: 699,
    height: height - 1,
    fill: PAPER.card,
    stroke: PAPER.line,
    rx: 10,
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${told}">`,
    `<style>${STYLE}</style>`,
    rect(card),
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

export interface TextStyle {
  readonly fill?: string
  readonly anchor?: 'start' | 'middle' | 'end'
  /** b: bold, s: small. */
  readonly looks?: 'b' | 's' | 'b s'
  /** A white one around each letter. */
  readonly rim?: true
}

export function text({ x, y }: Point, words: string, style: TextStyle = {}): string {
  const { fill = INK.text, anchor = 'start', looks, rim } = style
  const classes = [looks, rim === true ? 'r' : undefined].filter((name) => name !== undefined).join(' ')
  const more = `${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}${classes === '' ? '' : ` class="${classes}"`}`
  return `<text x="${round(x)}" y="${round(y)}" fill="${fill}"${more}>${words}</text>`
}

export interface Box extends Point {
  readonly width: number
  readonly height: number
  readonly fill: string
  readonly stroke?: string
  readonly rx?: number
}

export function rect({ x, y, width, height, fill, stroke = 'none', rx = 0 }: Box): string {
  const place = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`
  return `<rect ${place} rx="${rx}" fill="${fill}" stroke="${stroke}"/>`
}

export function line(points: readonly Point[], stroke: string, width: number): string {
  const through = points.map(({ x, y }) => `${round(x)},${round(y)}`).join(' ')
  const joined = 'stroke-linejoin="round" stroke-linecap="round"'
  return `<polyline points="${through}" fill="none" stroke="${stroke}" stroke-width="${width}" ${joined}/>`
}

/** A disc with a number, white on its colour. */
export const badge = (at: Point, label: string, fill: string): string =>
  disc(at, 10, fill) +
  text({ x: at.x, y: at.y + 4.3 }, label, { fill: PAPER.cell, anchor: 'middle', looks: 'b s' })

const disc = ({ x, y }: Point, r: number, fill: string): string =>
  `<circle cx="${round(x)}" cy="${round(y)}" r="${r}" fill="${fill}" stroke="#ffffff" stroke-width="1.5"/>`

const round = (value: number): number => Math.round(value * 10) / 10
