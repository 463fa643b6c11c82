// Starts the span receiver in a process of its own, tells exporters where it is, and asks it what has come.
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { startProcess } from '@cohort/cli'
import { type Counts, totalOf } from './spans.js'

const PROGRAM = fileURLToPath(new URL('./span-receiver.js', import.meta.url))
const POLL_MS = 50
const STOP_MS = 5000

export interface Receiver {
  /** Where the exporter of one sender sends to; `sender` is a word. */
  endpointFor(sender: string): string
  /** Spans received so far, by name. */
  countsOf(sender: string): Promise<Counts>
  stop(): Promise<unknown>
}

export async function startReceiver(dir: string, signal: AbortSignal): Promise<Receiver> {
  const log = join(dir, 'span-receiver.log')
  const running = await startProcess(
    { name: 'span receiver', program: PROGRAM, environment: process.env, log },
    signal,
  )
  const countsOf = async (sender: string): Promise<Counts> => {
    const response = await fetch(`${running.ready}/counts`, { signal })
    return ((await response.json()) as Record<string, Counts>)[sender] ?? {}
  }
  return {
    endpointFor: (sender) => `${running.ready}/${sender}`,
    countsOf,
    stop: () => running.stop(STOP_MS),
  }
}

/** Resolves when nothing has come from `sender` for `quietMs`. */
export async function untilQuiet(receiver: Receiver, sender: string, quietMs: number): Promise<void> {
  let total = -1
  for (let sinceMs = performance.now(); performance.now() - sinceMs < quietMs;) {
    const now = totalOf(await receiver.countsOf(sender))
    if (now !== total) sinceMs = performance.now()
    total = now
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
