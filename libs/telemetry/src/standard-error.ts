// Where the log of a process goes: written at once, also before an exit, but nobody who does not read holds it up.
import { writeSync } from 'node:fs'

const FD = 2
/** How long a full pipe is waited for. A worker that stood still for seconds would lose its jobs. */
const PATIENCE_MS = 500
const PAUSE_MS = 1

interface Output {
  readonly isTerminal: boolean
  /** False where the line is lost: whoever reads our output has gone, or has not read for a while. */
  readonly write: (line: string) => boolean
}

export function standardError(): Output {
  // Asking for the stream also makes a pipe one that does not block: it says that it is full instead.
  return { isTerminal: process.stderr.isTTY, write: writeNow }
}

const pause = new Int32Array(new SharedArrayBuffer(4))
let isStuck = false

function writeNow(line: string): boolean {
  const bytes = Buffer.from(line)
  const endMs = performance.now() + PATIENCE_MS
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(FD, bytes, at)
      isStuck = false
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return false
      // Half a line is gone on with while there is hope: its end must not run into the next one.
      if ((isStuck && at === 0) || performance.now() > endMs) {
        isStuck = true
        return false
      }
      Atomics.wait(pause, 0, 0, PAUSE_MS)
    }
  }
  return true
}
