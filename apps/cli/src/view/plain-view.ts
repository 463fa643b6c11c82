// For a pipe or a file: plain lines, one each tenth of the run.
import { grouped, percent } from './words.js'
import type { Frame, View } from './frame.js'

const LINES_A_RUN = 10

export interface PlainViewOptions {
  write(text: string): void
  readonly ticks: number
}

export function plainView({ write, ticks }: PlainViewOptions): View {
  const every = Math.max(1, Math.ceil(ticks / LINES_A_RUN))
  let shown = 0
  return {
    line: (text) => write(`${text}\n`),
    show(tick, frame) {
      if (tick <= shown || (tick - shown < every && tick < ticks)) return
      shown = tick
      write(`${lineOf(frame())}\n`)
    },
    close: () => undefined,
  }
}

function lineOf({ tick, ticks, reached, walkReached, stepsPerSecond, latencyMs }: Frame): string {
  const goal = `been at goal ${percent(reached)} (moving at random: ${percent(walkReached)})`
  const line = `tick ${tick}/${ticks}  ${goal}`
  if (stepsPerSecond === 0) return line
  return `${line}  ${grouped(stepsPerSecond)} steps/s  p50 ${latencyMs.p50} ms  p99 ${latencyMs.p99} ms`
}
