// What is read when somebody asks for the metrics: once however many ask, within a time limit, and never at their cost.
import type { Counter, Gauge } from 'prom-client'
import type { Log } from './log.js'
import { METRICS, type MetricKey } from './metric-names.js'

export type Scraped = Counter | Gauge
/** A number, or label values and a number for each series. */
type Reading = number | readonly (readonly [...string[], number])[]
type Readings = Readonly<Partial<Record<MetricKey, Reading>>>
type Read = () => Readings | Promise<Readings>

export interface Scrape {
  add(keys: readonly MetricKey[], read: Read): void
  text(): Promise<string>
}

interface ScrapeOptions {
  readonly scraped: ReadonlyMap<string, Scraped>
  readonly render: () => Promise<string>
  readonly log: Pick<Log, 'warn' | 'info'>
  readonly readMs: number
}

interface Source {
  readonly keys: readonly MetricKey[]
  readonly read: Read
  /** The question that is under way: it is not asked again before its answer, however late that is. */
  asked: Promise<Readings> | undefined
  isAbsent: boolean
}

export function openScrape({ scraped, render, log, readMs }: ScrapeOptions): Scrape {
  const sources: Source[] = []
  const refresh = async (source: Source) => {
    try {
      const readings = await inTime(answerOf(source), readMs)
      for (const key of source.keys) set(scraped.get(key), METRICS[key].labels, readings[key])
      if (source.isAbsent) log.info('metrics are there again', { metrics: namesOf(source) })
      source.isAbsent = false
    } catch (error) {
      for (const key of source.keys) remove(scraped.get(key))
      // At the first scrape without them, not at each.
      if (!source.isAbsent) log.warn('metrics are absent', { metrics: namesOf(source), error })
      source.isAbsent = true
    }
  }
  return {
    add: (keys, read) => void sources.push({ keys, read, asked: undefined, isAbsent: false }),
    async text() {
      await Promise.all(sources.map(refresh))
      return render()
    },
  }
}

const namesOf = ({ keys }: Source): string[] => keys.map((key) => METRICS[key].name)

function answerOf(source: Source): Promise<Readings> {
  source.asked ??= Promise.resolve()
    .then(source.read)
    .finally(() => (source.asked = undefined))
  return source.asked
}

async function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

function set(metric: Scraped | undefined, labels: readonly string[], reading: Reading | undefined): void {
  metric?.reset()
  if (reading === undefined) return
  const series = typeof reading === 'number' ? [[reading] as const] : reading
  for (const one of series) {
    const value = one.at(-1) as number
    const named = Object.fromEntries(labels.map((label, i) => [label, String(one[i])]))
    if (metric !== undefined && 'set' in metric) metric.set(named, value)
    else metric?.inc(named, value)
  }
}

/** Without the zero that a metric without labels begins with. */
function remove(metric: Scraped | undefined): void {
  metric?.reset()
  metric?.remove({})
}
