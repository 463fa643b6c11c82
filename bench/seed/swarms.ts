// Ours: a swarm on the pinned threads of a worker's pool, in this process or from nothing in a fresh one.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { CohortError } from '@cohort/contracts'
import { allowedCpus, defaultThreads } from '@cohort/threads'
import { mostOf, Swarm, type SwarmOptions } from '../pool/swarm.js'
import type { Stream } from '../steps/stream.js'
import type { Order } from './fresh.js'
import type { Entry } from './rounds.js'

/** As many as a worker would start. */
export const MANY = defaultThreads()
const threadsOf = (count: number): string => `${count} thread${count === 1 ? '' : 's'}`
/** One thread, and as many as a worker would start; one entry where that is one. */
export const THREAD_COUNTS: readonly number[] = [...new Set([1, MANY])]
/** Of what is timed from the start of its process on. */
export const anew = (name: string): string => `${name}, with start-up`
export const oursWith = (count: number): string => `cohort, ${threadsOf(count)}`

export const startSwarm = (options: Omit<SwarmOptions, 'cpus'>): Promise<Swarm> =>
  Swarm.start({ ...options, cpus: allowedCpus() })

/** Passes through its stream that take about so many seconds. */
export async function passesFor(swarm: Swarm, seconds: number): Promise<number> {
  const { seconds: once } = await swarm.run(1)
  return Math.max(1, Math.round(seconds / once))
}

/** Steps a second; every measurement ends with a look at all beliefs. */
export async function swarmEntry(options: Omit<SwarmOptions, 'cpus'>, seconds: number): Promise<Entry> {
  const { threads } = options
  const swarm = await startSwarm(options)
  const times = await passesFor(swarm, seconds)
  return {
    name: oursWith(mostOf(threads)),
    measure: async () => {
      const { steps, seconds: took } = await swarm.run(times)
      swarm.check()
      return steps / took
    },
    close: () => swarm.stop(),
  }
}

const FRESH = fileURLToPath(new URL('./fresh.js', import.meta.url))

/** From the start of a Node to the answer: it loads what a worker loads, starts the threads, compiles and steps. */
export const freshSwarmEntry = (stream: Stream, agents: number, threads: number): Entry => ({
  name: anew(oursWith(threads)),
  measure: async () => {
    const { model, initialRows, observations, rows } = stream
    const order: Order = { model, initialRows, observations, rows, agents, threads }
    return (1000 * agents * observations.length) / (await freshProcessMs(order))
  },
  close: () => undefined,
})

/** Milliseconds from its start to its answer; resolves when it has ended. */
async function freshProcessMs(order: Order): Promise<number> {
  const beganMs = performance.now()
  const child = fork(FRESH, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  let tookMs: number | undefined
  // What it came to it has compared itself; it says so once.
  child.once('message', () => (tookMs = performance.now() - beganMs))
  child.send(order)
  const [code] = await once(child, 'exit')
  if (tookMs !== undefined) return tookMs
  throw new CohortError('internal', `a fresh process ended with ${code} and without an answer`)
}
