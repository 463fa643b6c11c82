// How throughput grows with threads: kernels alone, through the pool, pinned and not, and beside processes.
import { allowedCpus, Pool } from '@cohort/threads'
import type { KernelTask, KernelThreadData } from './pool/kernel-thread.js'
import { Processes } from './pool/processes.js'
import { Swarm } from './pool/swarm.js'
import { shapeOf } from './steps/shapes.js'
import { AGENTS, STEPS, type Stream, streamOf } from './steps/stream.js'
import type { Benchmark, RunOptions } from './support/benchmark.js'
import type { Findings, Ratio, Row } from './support/report.js'
import { ratioOf, roundOrders, spreadOf } from './support/statistics.js'

const SHAPES = ['grid5-noisy', 'explorer-1']
/** Agents of a task, of `grid5-noisy`. */
const TASKS = [1, 16, 64, 256]
const TASKS_CASE = 'task sizes'
/** Of the pool, so that no thread waits for the end of a pass: eight jobs a thread. */
const JOBS_A_THREAD = 8
const BLOCKS_A_JOB = 16

export const scaling: Benchmark = {
  does: 'throughput by threads: kernels alone and through the pool, pinned and not, and beside processes',
  cases: [...SHAPES, TASKS_CASE],
  defaults: { rounds: 7, seconds: 0.5 },
  run,
}

interface Entry {
  readonly variant: 'kernel' | 'pool' | 'processes'
  readonly threads: number
  /** Undefined for processes, which are as the system puts them. */
  readonly pinned: boolean | undefined
  /** Agents of a task, where that is compared. */
  readonly agents?: number
  /** Passes; resolves to the steps a second. Throws where an answer is wrong. */
  measure(times: number): Promise<number>
  stop(): Promise<void>
}

interface Measured extends Entry {
  readonly rates: number[]
}

async function run(options: RunOptions): Promise<Findings> {
  const rows: Row[] = []
  const ratios: Ratio[] = []
  for (const name of options.cases) {
    options.say(name)
    const stream = streamOf(shapeOf(name === TASKS_CASE ? 'grid5-noisy' : name))
    const plan = name === TASKS_CASE ? taskEntries(stream) : scalingEntries(stream)
    const measured = await measureAll(plan, options)
    rows.push(...measured.map((entry) => rowOf(name, entry, measured)))
    ratios.push(...(name === TASKS_CASE ? processRatios(measured) : []))
  }
  return { rows, ratios, notes: notesOf(options) }
}

/** 1, 2, 4 … and as many as there are cores. */
function threadCounts(): number[] {
  const cores = allowedCpus().length
  const counts = [1]
  while (2 * (counts.at(-1) ?? cores) < cores) counts.push(2 * (counts.at(-1) ?? 1))
  return cores > 1 ? [...counts, cores] : counts
}

type Plan = (() => Promise<Entry>)[]

function scalingEntries(stream: Stream): Plan {
  return threadCounts().flatMap((threads) =>
    [true, false].flatMap((pinned) => [
      () => kernelEntry(stream, { threads, pinned }),
      () => poolEntry(stream, { threads, pinned, agents: JOBS_A_THREAD * BLOCKS_A_JOB * AGENTS * threads }),
    ]),
  )
}

function taskEntries(stream: Stream): Plan {
  const threads = allowedCpus().length
  return TASKS.flatMap((rows) => [
    async () => {
      const agents = 4 * threads * rows
      const entry = await poolEntry(stream, { threads, pinned: true, agents, blockRows: rows, blocksAJob: 1 })
      return { ...entry, agents: rows }
    },
    async (): Promise<Entry> => {
      const processes = await Processes.start({ stream, processes: threads, blocks: 4 * threads, rows })
      return {
        variant: 'processes',
        threads,
        pinned: undefined,
        agents: rows,
        measure: async (times) => {
          const { steps, seconds } = await processes.run(times)
          await processes.check()
          return steps / seconds
        },
        stop: () => processes.stop(),
      }
    },
  ])
}

interface Threads {
  readonly threads: number
  readonly pinned: boolean
}

/** What the cores can do: each thread steps a block of its own, which stays in its cache. */
async function kernelEntry({ shape }: Stream, { threads, pinned }: Threads): Promise<Entry> {
  const pool = await Pool.start<KernelTask, number>({
    filename: new URL('./pool/kernel-thread.js', import.meta.url),
    threads,
    cpus: pinned ? allowedCpus() : [],
    workerData: { shape: shape.name } satisfies KernelThreadData,
  })
  return {
    variant: 'kernel',
    threads,
    pinned,
    measure: async (times) => {
      const beganMs = performance.now()
      await Promise.all(Array.from({ length: threads }, () => pool.run({ times })))
      const rate = (1000 * threads * times * STEPS * AGENTS) / (performance.now() - beganMs)
      await Promise.all(Array.from({ length: threads }, () => pool.run({ times: 0 })))
      return rate
    },
    stop: () => pool.stop(),
  }
}

type Pooled = Threads & Pick<Parameters<typeof Swarm.start>[0], 'agents' | 'blockRows' | 'blocksAJob'>

async function poolEntry(stream: Stream, { threads, pinned, ...agents }: Pooled): Promise<Entry> {
  const cpus = pinned ? allowedCpus() : []
  const jobs = agents.blocksAJob === 1 ? 4 * threads : threads + 1
  const swarm = await Swarm.start({ stream, threads, cpus, jobs, ...agents })
  return {
    variant: 'pool',
    threads,
    pinned,
    measure: async (times) => {
      const { steps, seconds } = await swarm.run(times)
      swarm.check()
      return steps / seconds
    },
    stop: () => swarm.stop(),
  }
}

/** All are up at once, idle while another is measured; each round in another order. */
async function measureAll(plan: Plan, { rounds, seconds, signal }: RunOptions): Promise<Measured[]> {
  const entries: (Measured & { times: number })[] = []
  try {
    for (const start of plan) {
      signal.throwIfAborted()
      const entry = await start()
      await entry.measure(1)
      const beganMs = performance.now()
      await entry.measure(1)
      const times = Math.max(1, Math.round((1000 * seconds) / (performance.now() - beganMs)))
      entries.push({ ...entry, times, rates: [] })
    }
    for (const order of roundOrders(entries, rounds)) {
      for (const { measure, times, rates } of order) {
        signal.throwIfAborted()
        rates.push(await measure(times))
      }
    }
    return entries
  } finally {
    await Promise.all(entries.map((entry) => entry.stop()))
  }
}

function rowOf(
  name: string,
  { variant, threads, pinned, agents, rates }: Measured,
  all: readonly Measured[],
): Row {
  const { median, min, max } = spreadOf(rates.map(Math.round))
  const one = agents === undefined ? all.find((entry) => isOne(entry, { variant, pinned })) : undefined
  const efficiency = one === undefined ? undefined : ratioOf(rates, one.rates).median / threads
  return {
    case: agents === undefined ? name : `tasks of ${agents}`,
    variant,
    threads,
    ...(pinned === undefined ? {} : { pinned }),
    stepsPerSecond: median,
    ...(efficiency === undefined ? {} : { efficiency: Math.round(1000 * efficiency) / 1000 }),
    median,
    min,
    max,
    unit: 'steps/s',
    runs: rates.length,
  }
}

const isOne = (entry: Entry, { variant, pinned }: Pick<Entry, 'variant' | 'pinned'>): boolean =>
  entry.variant === variant && entry.pinned === pinned && entry.threads === 1

function processRatios(measured: readonly Measured[]): Ratio[] {
  return TASKS.flatMap((agents) => {
    const of = measured.find((entry) => entry.agents === agents && entry.variant === 'pool')
    const to = measured.find((entry) => entry.agents === agents && entry.variant === 'processes')
    if (of === undefined || to === undefined) return []
    const { median, min, max } = ratioOf(of.rates, to.rates)
    return [{ case: `tasks of ${agents}`, of: 'pool', to: 'processes', value: median, min, max }]
  })
}

const notesOf = ({ rounds, seconds }: RunOptions): string[] => [
  'kernel: each thread steps a block of 256 agents of its own; pool: blocks of 256 in a shared arena, as in workers, ' +
    'cut into tasks by the main thread, which needs a core, too; processes: one a core, fed by IPC',
  'efficiency: steps a second by threads times those of one thread, of the same round; the median',
  'answers: beliefs agree with the reference kernel’s within 1e-9 after each measurement; all blocks to the bit',
  `rounds: ${rounds}, in changing order, each about ${seconds} s; a ratio above 1 is what threads save over processes`,
]
