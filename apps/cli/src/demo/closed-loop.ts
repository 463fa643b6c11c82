// The closed loop: what agents see goes out, what they do comes back, the world moves; squad by squad.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cohort } from '@cohort/client'
import type { Ledger } from './ledger.js'
import type { Meter } from './meter.js'
import type { Squad } from './squad.js'
import type { Swarm } from './swarm.js'

export interface Loop {
  readonly cohort: Cohort
  readonly swarm: Swarm
  readonly ticks: number
  readonly meter: Meter
  /** Least milliseconds of a tick. */
  readonly paceMs: number
  /** Called after each squad's tick. */
  onTick(): void
  readonly signal: AbortSignal
}

/** Runs every squad to its last tick. Where one fails the others are stopped, and its error is thrown. */
export async function runLoop(loop: Loop): Promise<void> {
  const halt = new AbortController()
  const signal = AbortSignal.any([loop.signal, halt.signal])
  const startedMs = performance.now()
  const runs = loop.swarm.troops.flatMap(({ squads, ledger }) =>
    squads.map(async (squad) => {
      try {
        while (squad.tick < loop.ticks) {
          await until(startedMs + squad.tick * loop.paceMs, signal)
          await tick({ ...loop, signal }, squad, ledger)
          loop.onTick()
        }
      } catch (error) {
        halt.abort(error)
        throw error
      }
    }),
  )
  await Promise.allSettled(runs)
  signal.throwIfAborted()
}

async function tick({ cohort, meter, signal }: Loop, squad: Squad, ledger: Ledger): Promise<void> {
  const { population, from, count } = squad.place
  const request = { population, agents: { from, count }, observations: [squad.observe()] }
  ledger.sent(count)
  const batch = await meter.measure(count, () => cohort.steps.run(request, { signal }))
  ledger.answered(batch)
  squad.act(batch.results?.agents ?? [], batch.results?.action?.[0] ?? [])
}

async function until(momentMs: number, signal: AbortSignal): Promise<void> {
  const leftMs = momentMs - performance.now()
  if (leftMs <= 0) return
  await sleep(leftMs, undefined, { signal }).catch((error: unknown) => {
    // Node rejects with an AbortError of its own; what asked for the stop is the signal's reason.
    signal.throwIfAborted()
    throw error
  })
}
