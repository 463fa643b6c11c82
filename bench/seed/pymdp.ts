// pymdp's NumPy code the ways the seed document ran it: in one process, over threads, over processes.
import { mustBeOfStream, numpyPython, columns, Python, type Came } from '../steps/peers.js'
import { TOLERANCE } from '../steps/contender.js'
import { AGENTS, type Stream } from '../steps/stream.js'
import type { Entry } from './rounds.js'
import { anew } from './swarms.js'

export interface Way {
  readonly name: string
  readonly mode: 'process' | 'threads' | 'processes'
  readonly count: number
}

export interface PymdpOptions {
  readonly stream: Stream
  readonly agents: number
  readonly way: Way
}

/** One process, and where there are more workers than one also threads and processes, a worker each. */
export const waysOf = (workers: number): Way[] => [
  { name: 'pymdp, 1 process', mode: 'process', count: 1 },
  ...(workers === 1
    ? []
    : ([
        { name: `pymdp, ${workers} threads`, mode: 'threads', count: workers },
        { name: `pymdp, ${workers} processes`, mode: 'processes', count: workers },
      ] as const)),
]

/** What its first agents came to, right, and how long they took for it. */
interface Walked extends Came {
  readonly seconds: number
}

interface Started {
  readonly python: Python
  readonly walked: Walked
}

/** A Python that stands ready; what its first `checked` agents came to is right. */
async function start({ stream, agents, way }: PymdpOptions, checked: number): Promise<Started> {
  const python = new Python(['explorers.py', way.mode, String(way.count)], numpyPython())
  try {
    const first = (all: Int32Array) => columns(all, Math.min(agents, AGENTS))
    await python.ask({
      model: stream.model,
      observations: stream.observations.map(first),
      actions: stream.actions.map(first),
      checked,
    })
    const walked = JSON.parse(await python.answer()) as Walked
    mustBeOfStream({ name: way.name, within: TOLERANCE }, stream, walked)
    return { python, walked }
  } catch (error) {
    python.close()
    throw error
  }
}

/** Steps a second of as many agents as fit into the time, through the whole stream; at least one a worker. */
export async function pymdpEntry(options: PymdpOptions, seconds: number): Promise<Entry> {
  const { agents: all, stream, way } = options
  const least = Math.min(all, way.count)
  const { python, walked } = await start(options, least)
  const fit = Math.floor((seconds / walked.seconds) * least)
  const agents = Math.max(least, Math.min(all, fit))
  return {
    name: way.name,
    measure: async () => {
      await python.ask(agents)
      return (agents * stream.observations.length) / Number(await python.answer())
    },
    close: () => python.close(),
  }
}

/** From the start of a Python to the answer: interpreter, imports, agents, and all their steps. */
export const freshPymdpEntry = (options: PymdpOptions): Entry => ({
  name: anew(options.way.name),
  measure: async () => {
    const { agents, stream } = options
    const beganMs = performance.now()
    const { python } = await start(options, agents)
    const took = performance.now() - beganMs
    // Its end must not fall on what is measured next.
    await python.end()
    return (1000 * agents * stream.observations.length) / took
  },
  close: () => undefined,
})
