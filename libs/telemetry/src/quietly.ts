// Telling what was done: whoever listens may fail, and what was done stays done.
import { nowMs } from './clock.js'
import type { Log } from './log.js'

/** A listener that fails once fails with every request: a line a minute is enough. */
const SAY_EVERY_MS = 60_000

interface Said {
  readonly atMs: number
  /** Failures since then. */
  unsaid: number
}
const said = new WeakMap<Pick<Log, 'error'>, Said>()

/** For what is told after the fact. An error of the listener's is a line in the log, and nothing else. */
export function quietly(log: Pick<Log, 'error'>, tell: () => void): void {
  try {
    tell()
  } catch (error) {
    const last = said.get(log)
    const atMs = nowMs()
    if (last !== undefined && atMs - last.atMs < SAY_EVERY_MS) {
      last.unsaid += 1
      return
    }
    said.set(log, { atMs, unsaid: 0 })
    log.error('what was done could not be told; it stays done', { error, unsaid: last?.unsaid ?? 0 })
  }
}
