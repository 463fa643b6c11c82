// The seed document's explorers, stepped by our threads and by pymdp in one process, in threads and in processes.
import { numpyPython } from '../steps/peers.js'
import { shapeOf } from '../steps/shapes.js'
import { streamOf } from '../steps/stream.js'
import type { RunOptions } from '../support/benchmark.js'
import type { Findings } from '../support/report.js'
import { freshPymdpEntry, pymdpEntry, waysOf } from './pymdp.js'
import { closeAll, efficiencyOf, type Entry, type Figures, inRounds, ratesOf, ratiosOf } from './rounds.js'
import { anew, freshSwarmEntry, MANY, oursWith, swarmEntry, THREAD_COUNTS } from './swarms.js'

export interface Explorers {
  /** The case of the benchmark, and what its rows say beside it. */
  readonly name: string
  readonly shape: string
  readonly agents: number
  /** Of the stream that all of them are shown, whole: early steps cost pymdp more than late ones. */
  readonly steps: number
  /** Too many to be Python objects. */
  readonly oursAlone?: boolean
}

export const EXPLORERS: readonly Explorers[] = [
  ...[1, 5, 10, 1000].map((agents) => ({ name: 'explorer5', shape: 'explorer5', agents, steps: 200 })),
  { name: 'explorer5', shape: 'explorer5', agents: 100_000, steps: 20, oursAlone: true },
  { name: 'explorer10-fast', shape: 'explorer-1', agents: 50, steps: 100 },
  { name: 'explorer10-balanced', shape: 'explorer-2', agents: 50, steps: 100 },
  { name: 'explorer10-accurate', shape: 'explorer-3', agents: 50, steps: 40 },
]

export type Found = Pick<Findings, 'rows' | 'ratios'>

/** Without start-up: everything stands when the clock starts. */
export async function explore(
  { name, shape, agents, steps, oursAlone = false }: Explorers,
  options: RunOptions,
): Promise<Found> {
  const label = `${name}, ${counted(agents)}`
  options.say(`${label}: ${shapeOf(shape).about}`)
  const stream = streamOf(shapeOf(shape), steps)
  const entries: Entry[] = []
  try {
    for (const threads of THREAD_COUNTS)
      entries.push(await swarmEntry({ stream, agents, threads }, options.seconds))
    if (numpyPython() !== undefined && !oursAlone)
      for (const way of waysOf(Math.min(MANY, agents)))
        entries.push(await pymdpEntry({ stream, agents, way }, options.seconds))
    return foundOf(label, await inRounds(entries, options))
  } finally {
    await closeAll(entries)
  }
}

const START_UP: Explorers = { name: 'start-up', shape: 'explorer5', agents: 10, steps: 20 }

/** From nothing to the last answer, beside what stands ready; also with a process for each agent. */
export async function startUp(options: RunOptions): Promise<Found> {
  const { name, shape, agents, steps } = START_UP
  options.say(`${name}: fresh processes, ${agents} agents, ${steps} steps`)
  const stream = streamOf(shapeOf(shape), steps)
  const ways = numpyPython() === undefined ? [] : waysOf(MANY)
  const each = { name: `pymdp, ${agents} processes`, mode: 'processes', count: agents } as const
  const fresh = ways.length === 0 ? [] : [...ways, each]
  const entries: Entry[] = []
  try {
    entries.push(await swarmEntry({ stream, agents, threads: MANY }, options.seconds))
    for (const way of ways) entries.push(await pymdpEntry({ stream, agents, way }, options.seconds))
    entries.push(freshSwarmEntry(stream, agents, MANY))
    entries.push(...fresh.map((way) => freshPymdpEntry({ stream, agents, way })))
    const figures = await inRounds(entries, options)
    const label = `${name}, ${counted(agents)}`
    const [threads, processes] = [`pymdp, ${MANY} threads`, `pymdp, ${MANY} processes`]
    return {
      rows: ratesOf({ case: label, unit: 'steps/s' }, figures),
      ratios: ratiosOf(label, figures, [
        [threads, processes],
        [anew(threads), anew(processes)],
        [threads, anew(processes)],
        [threads, anew(each.name)],
        [oursWith(MANY), anew(oursWith(MANY))],
        ...fresh.map((way) => [anew(oursWith(MANY)), anew(way.name)] as const),
      ]),
    }
  } finally {
    await closeAll(entries)
  }
}

const counted = (agents: number): string =>
  agents === 1 ? '1 agent' : `${agents.toLocaleString('en-GB')} agents`

function foundOf(label: string, figures: Figures): Found {
  const efficiency = (variant: string, alone: string) =>
    efficiencyOf(label, figures, { variant: `${variant}, efficiency`, of: variant, alone, workers: MANY })
  const [threads, processes] = [`pymdp, ${MANY} threads`, `pymdp, ${MANY} processes`]
  const peers = [...figures.keys()].filter((name) => name.startsWith('pymdp'))
  return {
    rows: [
      ...ratesOf({ case: label, unit: 'steps/s' }, figures),
      ...(MANY === 1 ? [] : efficiency(oursWith(MANY), oursWith(1))),
      ...[threads, processes].flatMap((variant) => efficiency(variant, 'pymdp, 1 process')),
    ],
    ratios: ratiosOf(label, figures, [
      ...peers.map((peer) => [oursWith(MANY), peer] as const),
      [threads, processes],
    ]),
  }
}
