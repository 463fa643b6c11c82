// What each optimisation of the threads is worth: each switched off alone, everything else on.
import { allowedCpus, seedBounds } from '@cohort/threads'
import { ReadWriteLock } from '@cohort/threads/sync'
import { cutByBlock, cutWithinLines } from './pool/cuts.js'
import type { LockedThreadData } from './pool/locked-thread.js'
import { Swarm, type SwarmOptions } from './pool/swarm.js'
import { shapeOf } from './steps/shapes.js'
import { streamOf, WANTED } from './steps/stream.js'
import type { Benchmark, RunOptions } from './support/benchmark.js'
import type { Findings, Ratio, Row } from './support/report.js'
import { ratioOf, roundOrders, spreadOf } from './support/statistics.js'

/** The seed's explorer in its fast mode, of which it measured so many. */
const SHAPE = 'explorer-1'
const CASES: Readonly<Record<string, Pick<SwarmOptions, 'agents' | 'blockRows' | 'blocksAJob' | 'jobs'>>> = {
  '100 explorers': { agents: 100 },
  '1,000 explorers': { agents: 1000 },
  '10,000 explorers': { agents: 10_000 },
  '64 jobs of one explorer': { agents: 64, blockRows: 1, blocksAJob: 1, jobs: 64 },
}

export const ablation: Benchmark = {
  does: 'what each optimisation of the threads is worth: each switched off alone, everything else on',
  cases: Object.keys(CASES),
  defaults: { rounds: 10, seconds: 0.3 },
  run,
}

/** What differs from everything on. */
type Off = Partial<Omit<SwarmOptions, 'stream' | 'agents'>>

const cores = allowedCpus().length
const ON = 'everything on'
/** As a worker runs it, where a job asks for actions alone. */
const BASE = {
  threads: cores,
  cpus: allowedCpus(),
  wanted: { qPi: false, G: false, vfe: false, terms: false },
} satisfies Off
const EVERYTHING_ASKED = { ...WANTED, vfe: true }
const REFERENCE = new URL('./pool/reference-thread.js', import.meta.url)
const LOCKED = new URL('./pool/locked-thread.js', import.meta.url)
const lockOf = (shared: boolean): Pick<LockedThreadData, 'lock'> => ({
  lock: { shared, buffer: new SharedArrayBuffer(ReadWriteLock.bytes()) },
})
const TUNING_OFF = { ahead: false, bundles: false, affinity: false }

/** The groups of the seed document. */
const OFF: Readonly<Record<string, Off>> = {
  [ON]: {},
  'added: the seed’s bounds of a pool': { threads: seedBounds(cores) },
  'without: a task in hand': { tuning: { ahead: false } },
  'without: shared messages': { tuning: { bundles: false } },
  'added: affinity': { tuning: { affinity: true } },
  'without: tasks cut by cost': { cut: cutByBlock },
  'without: several jobs at once': { jobs: 1 },
  'without: cuts on cache lines': { cut: cutWithinLines },
  'without: pinning': { cpus: [] },
  'added: a read-write lock around each task’s model': { filename: LOCKED, moreData: lockOf(true) },
  'added: a mutex around each task’s model': { filename: LOCKED, moreData: lockOf(false) },
  'without: 8 agents at a time, in WebAssembly': { filename: REFERENCE },
  'without: only what is asked for': { wanted: EVERYTHING_ASKED },
  'without all of these': {
    threads: seedBounds(cores),
    tuning: TUNING_OFF,
    cut: cutByBlock,
    jobs: 1,
    cpus: [],
    filename: REFERENCE,
    wanted: EVERYTHING_ASKED,
  },
}

interface Entry {
  readonly variant: string
  readonly swarm: Swarm
  readonly times: number
  readonly rates: number[]
}

async function run(options: RunOptions): Promise<Findings> {
  const stream = streamOf(shapeOf(SHAPE))
  const rows: Row[] = []
  const ratios: Ratio[] = []
  for (const name of options.cases) {
    options.say(name)
    const entries = await measureAll({ stream, ...CASES[name] }, options)
    const on = entries.find(({ variant }) => variant === ON)
    for (const { variant, rates } of entries) {
      const runs = rates.length
      rows.push({ case: name, variant, ...spreadOf(rates.map(Math.round)), unit: 'steps/s', runs })
      if (on === undefined || variant === ON) continue
      const { median: value, min, max } = ratioOf(on.rates, rates)
      ratios.push({ case: name, of: ON, to: variant, value, min, max })
    }
  }
  return { rows, ratios, notes: notesOf(options) }
}

/** All are up at once, idle while another is measured; each round in another order. */
async function measureAll(
  swarms: Pick<SwarmOptions, 'stream' | 'agents'>,
  { rounds, seconds, signal }: RunOptions,
): Promise<Entry[]> {
  const entries: Entry[] = []
  try {
    for (const [variant, off] of Object.entries(OFF)) {
      signal.throwIfAborted()
      const swarm = await Swarm.start({ ...BASE, ...swarms, ...off })
      const once = await swarm.run(1)
      entries.push({ variant, swarm, times: Math.max(1, Math.round(seconds / once.seconds)), rates: [] })
    }
    for (const order of roundOrders(entries, rounds)) {
      for (const { swarm, times, rates } of order) {
        signal.throwIfAborted()
        const { steps, seconds: took } = await swarm.run(times)
        swarm.check()
        rates.push(steps / took)
      }
    }
    return entries
  } finally {
    await Promise.all(entries.map(({ swarm }) => swarm.stop()))
  }
}

const notesOf = ({ rounds, seconds }: RunOptions): string[] => [
  `agents of ${SHAPE} (100 states, 5 outcomes, 5 policies) in slots of an arena, stepped through a worker’s pool ` +
    'without a queue; a ratio is what everything on does by what that variant does: above 1 everything on is faster',
  'answers: beliefs agree with the reference kernel’s within 1e-9 after each measurement, all blocks to the bit',
  `rounds: ${rounds}, in changing order, each about ${seconds} s or one pass of 16 steps; a ratio is the median of ` +
    'the rounds’, with the least and the greatest',
]
