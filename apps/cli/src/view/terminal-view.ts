// For a terminal: each frame is drawn over the last; the hidden cursor comes back on any end.
import type { Frame, View } from './frame.js'
import { screenLines } from './screen.js'

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
/** Terminals that show the whole frame at once know this pair; others ignore it. */
const BEGIN_FRAME = '\x1b[?2026h'
const END_FRAME = '\x1b[?2026l'
const ERASE_BELOW = '\x1b[J'
const COLOURS_256 = 8
/** More frames a second than this nobody sees. */
const LEAST_FRAME_MS = 30

/** What is needed of `process.stdout`. Its size may change while we draw. */
export interface Terminal {
  readonly columns: number
  readonly rows: number
  getColorDepth(): number
  write(text: string): unknown
}

export interface TerminalViewOptions {
  readonly terminal: Terminal
  readonly ticks: number
  nowMs(): number
}

export function terminalView({ terminal, ticks, nowMs }: TerminalViewOptions): View {
  const colour = terminal.getColorDepth() >= COLOURS_256
  let drawn: readonly string[] = []
  let drawnTick = -1
  let drawnMs = -Infinity
  let closed = false
  const restore = () => {
    if (!closed) terminal.write(SHOW_CURSOR)
    closed = true
  }
  const draw = (frame: Frame) => {
    const before = drawn.length
    // Some terminals say 0 × 0: then the size that all of them once had.
    drawn = screenLines(frame, { columns: terminal.columns || 80, rows: terminal.rows || 24, colour })
    terminal.write(`${BEGIN_FRAME}${backOver(before)}${text(drawn)}${END_FRAME}`)
  }
  terminal.write(HIDE_CURSOR)
  process.once('exit', restore)
  return {
    line: (line) => terminal.write(`${backOver(drawn.length)}${text([line, ...drawn])}`),
    show(tick, frame) {
      const soon = nowMs() - drawnMs < LEAST_FRAME_MS
      if (tick === drawnTick || (soon && tick < ticks)) return
      drawnTick = tick
      drawnMs = nowMs()
      draw(frame())
    },
    close() {
      drawn = []
      process.off('exit', restore)
      restore()
    },
  }
}

/** To the start of the first of the lines above, and everything from there on erased. */
const backOver = (lines: number): string => (lines === 0 ? '' : `\x1b[${lines}A\r${ERASE_BELOW}`)

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
