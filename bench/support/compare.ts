// Measures subjects against each other: warm-up, rounds in changing order, and answers that must be equal.
import { CohortError } from '@cohort/contracts'
import type { Load, LoadShape, Measured } from './load.js'
import { roundOrders } from './statistics.js'
import type { Subject } from './subject.js'

export interface LoadCase extends LoadShape {
  readonly name: string
  readonly shows: 'throughput' | 'latency'
  /** A few words on what is sent. */
  readonly about: string
}

export interface CompareOptions {
  readonly rounds: number
  /** About as long as each measurement takes. */
  readonly seconds: number
  readonly signal: AbortSignal
  /**
   * Awaited after each measurement: what a subject still has to do must not fall on the next one. Off the clock,
   * but its CPU time counts; so it should take as long for each.
   */
  settle(subject: Subject): Promise<void>
}

export interface Round extends Measured {
  /** CPU seconds of the subject, until it had settled; undefined where the system does not say. */
  readonly subjectCpuSeconds: number | undefined
}

/** What was measured of a subject in a case, round by round. */
export interface Compared {
  readonly subject: Subject
  readonly rounds: readonly Round[]
  /** Requests in all, warm-up included. */
  readonly requests: number
}

interface Entry {
  readonly subject: Subject
  readonly load: Load
  readonly rounds: Round[]
}

/** Requests of each lane, of the first, cold run. */
const COLD_REQUESTS = 10

/**
 * All subjects get the same requests in the same order, as many as the first one answers in `seconds`. Throws where an
 * answer is wrong, or where the subjects' actions differ.
 */
export async function compare(
  subjects: readonly Subject[],
  shape: LoadCase,
  options: CompareOptions,
): Promise<Compared[]> {
  const entries: Entry[] = []
  try {
    for (const subject of subjects) {
      entries.push({ subject, load: await subject.load(shape.name, shape), rounds: [] })
    }
    const cold = await runAll(entries, COLD_REQUESTS, options.signal)
    const warm = await runAll(entries, requestsFor(shape, cold, options.seconds), options.signal)
    const requests = requestsFor(shape, warm, options.seconds)
    await Promise.all(subjects.map((subject) => options.settle(subject)))
    for (const order of roundOrders(entries, options.rounds)) {
      for (const entry of order) entry.rounds.push(await runOne(entry, requests, options))
    }
    for (const { subject, load } of entries) await subject.checkSteps(shape.name, load.stepsOfEach)
    checkSame(shape, entries)
    return entries.map(({ subject, load, rounds }) => ({ subject, rounds, requests: load.requests }))
  } finally {
    for (const { load } of entries) load.close()
  }
}

/** Once each; what the first one showed. */
async function runAll(entries: readonly Entry[], requests: number, signal: AbortSignal) {
  let first: Measured | undefined
  for (const { load } of entries) {
    signal.throwIfAborted()
    const measured = await load.run(requests)
    first ??= measured
  }
  return first
}

async function runOne({ subject, load }: Entry, requests: number, options: CompareOptions): Promise<Round> {
  options.signal.throwIfAborted()
  const before = subject.cpuSeconds()
  const measured = await load.run(requests)
  await options.settle(subject)
  const after = subject.cpuSeconds()
  const subjectCpuSeconds = before === undefined || after === undefined ? undefined : after - before
  return { ...measured, subjectCpuSeconds }
}

/** Requests of each lane that take about `seconds` at the rate of an earlier run. */
function requestsFor({ lanes }: LoadCase, earlier: Measured | undefined, seconds: number): number {
  if (earlier === undefined) throw new CohortError('internal', 'there is nothing to compare')
  return Math.max(1, Math.ceil((earlier.requests / earlier.seconds / lanes) * seconds))
}

function checkSame({ name }: LoadCase, entries: readonly Entry[]): void {
  const sums = entries.map(({ subject, load }) => ({ who: subject.variant.name, sum: load.checksum() }))
  if (new Set(sums.map(({ sum }) => sum)).size === 1) return
  const told = sums.map(({ who, sum }) => `'${who}' ${sum.slice(0, 12)}`).join(', ')
  throw new CohortError('internal', `${name}: the actions differ: ${told}`)
}
