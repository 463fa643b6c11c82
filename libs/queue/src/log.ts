// leg: queue. What this library needs of an app's log, and a voice that does not repeat itself without end.

type Say = (message: string, fields?: Readonly<Record<string, unknown>>) => void
export type QueueLog = Readonly<Record<'debug' | 'warn' | 'error', Say>>

/** The same message at most once in `everyMs`: a server that refuses each command would fill a disk. */
export function sparing(say: Say, everyMs: number): Say {
  const lastMs = new Map<string, number>()
  return (message, fields) => {
    const nowMs = performance.now()
    if (nowMs - (lastMs.get(message) ?? -Infinity) < everyMs) return
    if (lastMs.size >= 100) lastMs.clear()
    lastMs.set(message, nowMs)
    say(message, fields)
  }
}
