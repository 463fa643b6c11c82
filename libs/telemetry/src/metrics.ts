// The instruments of the table in metric-names.ts, and the text that a scrape of them answers. Next: scrape.ts
import { Counter, Gauge, Histogram, Registry, type OpenMetricsContentType } from 'prom-client'
import type { Log } from './log.js'
import { METRICS, type MetricKey, type MetricRow } from './metric-names.js'
import { openProcessReadings } from './process-readings.js'
import { openScrape, type Scraped } from './scrape.js'
import type { Tracing } from './tracing/tracing.js'

export type MeteredApp = 'producer' | 'worker'
type Rows = typeof METRICS
/** The metrics of an app, by kind. */
type KeyOf<A extends MeteredApp, Kind extends MetricRow['kind']> = {
  [K in MetricKey]: Rows[K] extends { kind: Kind; app: A | 'both' } ? K : never
}[MetricKey]
type Strings<L extends readonly string[]> = { readonly [I in keyof L]: string }
/** A value for each label of the row, in its order. */
type LabelsOf<K extends MetricKey> = Strings<Rows[K]['labels']>
/** A number; where the row has labels, their values and a number, for each series. */
type ReadingOf<K extends MetricKey> = Rows[K]['labels'] extends readonly []
  ? number
  : readonly (readonly [...LabelsOf<K>, number])[]

export interface Count {
  /** Negative and unknown amounts count as none: whoever counts must not fail by it. */
  add(amount?: number): void
}

export interface Distribution {
  /** `traceId`: of the sampled trace that it was a part of, for metrics with exemplars. */
  observe(value: number, traceId?: string): void
}

export interface Metrics<A extends MeteredApp> {
  readonly contentType: string
  /** The same object each time for the same labels; the series is there from now on, at zero. */
  counter<K extends KeyOf<A, 'counter'>>(key: K, ...labels: LabelsOf<K>): Count
  histogram<K extends KeyOf<A, 'histogram'>>(key: K, ...labels: LabelsOf<K>): Distribution
  /**
   * `read` is called at each scrape, once however many scrape at the same time, and tells the present values of these
   * gauges and the totals of these counters. Where it rejects or takes too long, they are absent from the answer.
   */
  atScrape<K extends KeyOf<A, 'gauge' | 'counter'>>(
    keys: readonly K[],
    read: () => { readonly [P in K]: ReadingOf<P> } | Promise<{ readonly [P in K]: ReadingOf<P> }>,
  ): void
  /** In the OpenMetrics format. Never rejects for what is read at a scrape, nor waits for it for long. */
  text(): Promise<string>
  /** Stops watching the process. */
  close(): void
}

export interface MetricsOptions<A extends MeteredApp> {
  readonly app: A
  /** The kernel that computes here; empty where none does. */
  readonly kernel: string
  readonly log: Pick<Log, 'warn' | 'info'>
  /** Undefined where nothing is traced. */
  readonly tracing?: Pick<Tracing, 'spansLost'> | undefined
  /** How long what is read at a scrape may take. */
  readonly readMs?: number
}

const READ_MS = 1000

export function openMetrics<A extends MeteredApp>(options: MetricsOptions<A>): Metrics<A> {
  const { app, kernel, log, tracing, readMs = READ_MS } = options
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  const rows = Object.entries<MetricRow>(METRICS).filter(([, row]) => row.app === app || row.app === 'both')
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, Histogram>()
  for (const [key, row] of rows) {
    const config = { name: row.name, help: row.help, labelNames: row.labels, registers: [registry] }
    if (row.kind === 'counter') counters.set(key, new Counter(config))
    else if (row.kind === 'gauge') gauges.set(key, new Gauge(config))
    else {
      const { buckets = [], exemplars: enableExemplars = false } = row
      histograms.set(key, new Histogram({ ...config, buckets: [...buckets], enableExemplars }))
    }
  }
  const scraped = new Map<string, Scraped>([...counters, ...gauges])
  const scrape = openScrape({ scraped, log, readMs, render: () => registry.metrics() })
  const readings = openProcessReadings({ app, kernel, spansLost: () => tracing?.spansLost() ?? 0 })
  scrape.add(readings.keys, readings.read)
  return {
    contentType: registry.contentType,
    counter: remembered((key, labels) => count(found(counters, key), labelled(key, labels))),
    histogram: remembered((key, labels) => distribution(found(histograms, key), labelled(key, labels))),
    atScrape: (keys, read) => scrape.add(keys, read),
    text: scrape.text,
    close: readings.close,
  }
}

type Labels = Readonly<Record<string, string>>

/** Where a caller's types were got round. */
function found<T>(instruments: ReadonlyMap<string, T>, key: string): T {
  const instrument = instruments.get(key)
  if (instrument === undefined) throw new TypeError(`this process has no metric ${key} of this kind`)
  return instrument
}

const labelled = (key: MetricKey, values: readonly string[]): Labels =>
  Object.fromEntries(METRICS[key].labels.map((label, i) => [label, values[i] ?? '']))

/** One instrument for each key and labels: callers on the hot path may ask each time. */
function remembered<T>(make: (key: MetricKey, labels: readonly string[]) => T) {
  const known = new Map<string, T>()
  return (key: MetricKey, ...labels: readonly string[]): T => {
    const name = labels.length === 0 ? key : `${key}\0${labels.join('\0')}`
    let instrument = known.get(name)
    if (instrument === undefined) known.set(name, (instrument = make(key, labels)))
    return instrument
  }
}

function count(counter: Counter, labels: Labels): Count {
  counter.inc(labels, 0)
  return {
    add(amount = 1) {
      if (amount > 0 && amount < Infinity) counter.inc(labels, amount)
    },
  }
}

function distribution(histogram: Histogram, labels: Labels): Distribution {
  histogram.zero(labels)
  const child = histogram.labels(labels)
  return {
    observe(value, traceId) {
      // A clock that was set back, or a mark that is not there: it took no time that we know of.
      const known = value > 0 && value < Infinity ? value : 0
      if (traceId === undefined) child.observe(known)
      else histogram.observe({ labels, value: known, exemplarLabels: { trace_id: traceId } })
    },
  }
}
