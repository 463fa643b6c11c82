// What threads share: counters, locks, rings, the free list, alone and together, beside what one writes without.
import { availableParallelism } from 'node:os'
import { Team, type Timed } from './locks/team.js'
import { VARIANTS } from './locks/work.js'
import type { Benchmark, RunOptions } from './support/benchmark.js'
import type { Findings, Ratio, Row } from './support/report.js'
import { ratioOf, roundOrders, spreadOf } from './support/statistics.js'

export const locks: Benchmark = {
  does: 'counters, locks, rings and the free list of threads, alone and together, beside plain ones',
  cases: [...new Set(VARIANTS.map((one) => one.case))],
  defaults: { rounds: 5, seconds: 0.1 },
  run,
}

/** A variant with so many threads, and what was measured of it. */
interface Entry {
  readonly variant: number
  readonly threads: number
  readonly name: string
  readonly what: string
  times: number
  readonly ns: number[]
  readonly cpuNs: number[]
  readonly waited: number[]
}

const COLD = 2000

async function run({ cases, rounds, seconds, signal, say }: RunOptions): Promise<Findings> {
  const cores = Math.max(2, availableParallelism())
  const team = new Team(cores)
  const entries = entriesOf(cases, cores)
  const timesFor = ({ ns }: Timed) => Math.max(COLD, Math.ceil((1e9 * seconds) / ns))
  const measure = async ({ variant, threads, times }: Entry) => {
    signal.throwIfAborted()
    return team.run(variant, threads, times)
  }
  try {
    for (const name of cases) {
      say(`${name}: ${rounds} rounds`)
      const compared = entries.filter(({ variant }) => VARIANTS[variant].case === name)
      for (const entry of [...compared, ...compared]) entry.times = timesFor(await measure(entry))
      for (const entry of roundOrders(compared, rounds).flat()) keep(entry, await measure(entry))
    }
  } finally {
    await team.close()
  }
  return { rows: entries.flatMap(rowsOf), ratios: ratiosOf(entries), notes: NOTES }
}

function keep(entry: Entry, { ns, cpuNs, waited }: Timed): void {
  entry.ns.push(ns)
  entry.cpuNs.push(cpuNs)
  if (waited !== undefined) entry.waited.push(100 * waited)
}

const NOTES = [
  'ns of an operation, as the thread sees that does it; with several threads all do as many at once, each ' +
    'pinned to a core; ns CPU: without the time in which it slept or others had its core',
  'write, read, mixed (one write in 16): a lock, a look at or a change of one word, an unlock; own mutex: nobody ' +
    'else wants it, it lies on the line of another thread’s or not',
  'table: 4 numbers, the first thread writes one time in 64; ring: 4 numbers a record, from one thread to another, ' +
    'alone both by one; list: a slot taken and given back',
  'waited: the part of the threads’ time that was spent waiting for the lock, as the lock itself has counted it',
]

function entriesOf(cases: readonly string[], cores: number): Entry[] {
  return VARIANTS.flatMap((one, variant) => {
    if (!cases.includes(one.case)) return []
    const together = one.pair === true ? 2 : cores
    const numbers = one.neverAlone === true ? [together] : [1, together]
    return numbers.map((threads) => ({
      variant,
      threads,
      name: `${one.case}, ${threads === 1 ? '1 thread' : `${threads} threads`}`,
      what: one.variant,
      times: COLD,
      ns: [],
      cpuNs: [],
      waited: [],
    }))
  }).toSorted((a, b) => cases.indexOf(caseOf(a)) - cases.indexOf(caseOf(b)) || a.threads - b.threads)
}

const caseOf = ({ variant }: Entry): string => VARIANTS[variant].case

function rowsOf({ name, what, threads, ns, cpuNs, waited }: Entry): Row[] {
  const row = (values: readonly number[], unit: string, variant = what): Row => {
    const { median, min, max } = spreadOf(values)
    const figures = { median: rounded(median), min: rounded(min), max: rounded(max) }
    return { case: name, variant, ...figures, unit, runs: values.length }
  }
  const cpu = threads === 1 ? [] : [row(cpuNs, 'ns CPU')]
  return [
    row(ns, 'ns'),
    ...cpu,
    ...(waited.length === 0 ? [] : [row(waited, '% of the time', `${what}, waited`)]),
  ]
}

/** The first one of a case is ours: the others' time by its own. */
function ratiosOf(entries: readonly Entry[]): Ratio[] {
  return entries.flatMap((entry) => {
    const ours = entries.find(({ name }) => name === entry.name)
    if (ours === undefined || ours === entry) return []
    const { median, min, max } = ratioOf(entry.ns, ours.ns)
    return [
      {
        case: entry.name,
        of: entry.what,
        to: ours.what,
        value: rounded(median),
        min: rounded(min),
        max: rounded(max),
      },
    ]
  })
}

const rounded = (value: number): number => Math.round(100 * value) / 100
