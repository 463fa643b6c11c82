// leg: queue. How much waits on the queue, and since when: one question to Redis. Asked for metrics and the live page.
import { readFileSync } from 'node:fs'
import type { Queue, RedisConnection } from 'bullmq'

export interface Pressure {
  /** Jobs that are not done. */
  readonly jobs: number
  /** The same, one by one. `delayed`: put off for another try. */
  readonly byState: Readonly<Record<'waiting' | 'prioritized' | 'delayed' | 'active', number>>
  /**
   * How long ago the oldest job was added that a worker could take; 0 where none waits. As good as the clock of whoever
   * added it agrees with this process's.
   */
  readonly oldestMs: number
}

// tsc copies no .lua files: they stay in src, which is as far from dist as from itself.
const SCRIPT = readFileSync(new URL('../src/scripts/pressure.lua', import.meta.url), 'utf8')
const COMMAND = 'cohortPressure'

type Client = Awaited<RedisConnection['client']>
const known = new WeakSet<Client>()

export async function pressureOf(queue: Queue): Promise<Pressure> {
  const client = await queue.getBackend().client
  if (!known.has(client)) {
    client.defineCommand(COMMAND, { numberOfKeys: 4, lua: SCRIPT })
    known.add(client)
  }
  const keys = ['wait', 'prioritized', 'delayed', 'active'].map((state) => queue.toKey(state))
  const answer: unknown = await client.runCommand(COMMAND, [...keys, queue.toKey('')])
  const [waiting, prioritized, delayed, active, oldest] = answer as [number, number, number, number, string]
  return {
    jobs: waiting + prioritized + delayed + active,
    byState: { waiting, prioritized, delayed, active },
    // Before its time a job that is put off has not waited: nor has one of a clock that is ahead.
    oldestMs: oldest === '' ? 0 : Math.max(0, Date.now() - Number(oldest)),
  }
}
