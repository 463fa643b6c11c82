// Where the seed document's efficiency comes from: its harness with agents that sleep, with work in it, and our pool.
import { numpyPython, Python } from '../steps/peers.js'
import { shapeOf } from '../steps/shapes.js'
import { AGENTS, streamOf } from '../steps/stream.js'
import type { RunOptions } from '../support/benchmark.js'
import type { Row } from '../support/report.js'
import type { Found } from './explorers.js'
import {
  closeAll,
  efficiencyOf,
  type Entry,
  type Figures,
  inRounds,
  ratesOf,
  ratiosOf,
  rowOf,
} from './rounds.js'
import { MANY, oursWith, passesFor, startSwarm, THREAD_COUNTS } from './swarms.js'

const NAME = 'sleep30'
/** Tasks of a round, and rounds with a pool of their own, as the seed document has them. */
const TASKS = 30
const ROUNDS = 5
/** 256 agents of it are a task of about a millisecond. */
const SHAPE = 'explorer-2'

export async function sleepers(options: RunOptions): Promise<Found> {
  options.say(`${NAME}: ${TASKS} tasks of about 1 ms, that sleep and that compute`)
  const overheads = new Map<string, number[]>()
  const entries: Entry[] = []
  try {
    for (const threads of THREAD_COUNTS) entries.push(await ours(threads, options.seconds, overheads))
    entries.push(...(await theirs(options.seconds)))
    const figures = await inRounds(entries, options)
    return {
      rows: [
        ...ratesOf({ case: NAME, unit: 'tasks/s' }, figures),
        ...efficiencies(figures),
        ...overheadsOf(figures, overheads),
      ],
      ratios: ratiosOf(NAME, figures, [
        [oursWith(MANY), oursWith(1)],
        ...(['sleep', 'compute'] as const).map((what) => [pooled(what), alone(what)] as const),
      ]),
    }
  } finally {
    await closeAll(entries)
  }
}

const alone = (what: string): string => `python, ${what}, 1 agent`
const pooled = (what: string): string => `python, ${what}, pool`

/** Tasks a second of our pool; a task is one step of a block, whole. `overheads`: µs a task that did not compute. */
async function ours(threads: number, seconds: number, overheads: Map<string, number[]>): Promise<Entry> {
  const name = oursWith(threads)
  const swarm = await startSwarm({
    stream: streamOf(shapeOf(SHAPE)),
    agents: TASKS * AGENTS,
    threads,
    cut: (slots) => slots.map(({ slot, rows }) => [{ slot, rows, from: 0, to: rows }]),
  })
  const times = await passesFor(swarm, seconds)
  overheads.set(name, [])
  return {
    name,
    measure: async () => {
      const { tasks, seconds: took, computeSeconds } = await swarm.run(times)
      swarm.check()
      overheads.get(name)?.push((1e6 * (threads * took - computeSeconds)) / tasks)
      return tasks / took
    },
    close: () => swarm.stop(),
  }
}

/** Its harness, as often as fits; none without a Python. */
async function theirs(seconds: number): Promise<Entry[]> {
  const program = numpyPython()
  if (program === undefined) return []
  const python = new Python(['sleepers.py'], program)
  const rateOf = async (what: string, how: string, rounds: number): Promise<number> => {
    await python.ask([what, how, TASKS, rounds])
    return (TASKS * rounds) / Number(await python.answer())
  }
  const entryOf = async (what: string, how: 'alone' | 'pooled'): Promise<Entry> => {
    const rounds = Math.max(ROUNDS, Math.round((seconds * (await rateOf(what, how, ROUNDS))) / TASKS))
    const name = (how === 'alone' ? alone : pooled)(what)
    return { name, measure: () => rateOf(what, how, rounds), close: () => python.close() }
  }
  return [
    await entryOf('sleep', 'alone'),
    await entryOf('sleep', 'pooled'),
    await entryOf('compute', 'alone'),
    await entryOf('compute', 'pooled'),
  ]
}

/** By agents, as the seed document divides; by cores, which is what there is to be had. */
function efficiencies(figures: Figures): Row[] {
  const subjects = [
    { name: 'python, sleep', of: pooled('sleep'), alone: alone('sleep') },
    { name: 'python, compute', of: pooled('compute'), alone: alone('compute') },
    { name: 'cohort', of: oursWith(MANY), alone: oursWith(1) },
  ]
  const divisors = [
    { by: `${TASKS} agents`, workers: TASKS },
    { by: `${MANY} cores`, workers: MANY },
  ]
  return divisors.flatMap(({ by, workers }) =>
    subjects.flatMap(({ name, of, alone: one }) =>
      // A sleeping agent needs no core.
      name === 'python, sleep' && workers === MANY
        ? []
        : efficiencyOf(NAME, figures, { variant: `${name}, efficiency by ${by}`, of, alone: one, workers }),
    ),
  )
}

function overheadsOf(figures: Figures, overheads: ReadonlyMap<string, readonly number[]>): Row[] {
  const about = { case: NAME, unit: 'µs/task' }
  const [ofPool, ofOne] = [figures.get(pooled('compute')), figures.get(alone('compute'))]
  return [
    ...[...overheads].map(([name, values]) =>
      rowOf({ ...about, variant: `${name}, beside computing` }, values),
    ),
    ...(ofPool === undefined || ofOne === undefined
      ? []
      : [
          rowOf(
            { ...about, variant: `${pooled('compute')}, beside computing` },
            ofPool.map((rate, round) => 1e6 / rate - 1e6 / ofOne[round]),
          ),
        ]),
  ]
}
