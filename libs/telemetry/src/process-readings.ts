// What each process tells of itself at a scrape: what runs, its event loop, its memory, garbage, CPU time, lost spans.
import { constants, monitorEventLoopDelay, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import type { MetricKey } from './metric-names.js'
import { VERSION } from './version.js'

/** How often the event loop is looked at. What the monitor records is this pause and the delay on top of it. */
const LOOK_MS = 10
const QUANTILES = [
  ['0.5', 50],
  ['0.99', 99],
  ['1', 100],
] as const

const GC_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'callbacks',
}

/** What Node hands to those who observe `gc`. */
type GcEntry = PerformanceEntry & { readonly detail?: { readonly kind: number } }

interface About {
  readonly app: 'producer' | 'worker'
  readonly kernel: string
  readonly spansLost: () => number
}

const COMMON = [
  'buildInfo',
  'loopDelay',
  'loopUtilisation',
  'memory',
  'gcSeconds',
  'spansLost',
] as const satisfies MetricKey[]

export function openProcessReadings({ app, kernel, spansLost }: About) {
  const loop = watchLoop()
  const garbage = watchGarbage()
  return {
    keys: app === 'worker' ? ([...COMMON, 'cpuSeconds'] as const) : COMMON,
    read: () => ({
      buildInfo: [[app, VERSION, process.version, kernel, 1] as const],
      ...loop.read(),
      ...memory(),
      gcSeconds: garbage.read(),
      spansLost: spansLost(),
      cpuSeconds: cpuSeconds(),
    }),
    close() {
      loop.close()
      garbage.close()
    },
  }
}

/** Since the last read. */
function watchLoop() {
  const delay = monitorEventLoopDelay({ resolution: LOOK_MS })
  delay.enable()
  let last = performance.eventLoopUtilization()
  return {
    read() {
      const late = (percentile: number) => Math.max(0, delay.percentile(percentile) / 1e9 - LOOK_MS / 1e3)
      const loopDelay = QUANTILES.map(([label, percentile]) => [label, late(percentile)] as const)
      delay.reset()
      const now = performance.eventLoopUtilization()
      const { utilization: loopUtilisation } = performance.eventLoopUtilization(now, last)
      last = now
      return { loopDelay, loopUtilisation }
    },
    close: () => delay.disable(),
  }
}

/** Totals since the start. */
function watchGarbage() {
  const seconds = new Map(Object.values(GC_KINDS).map((kind) => [kind, 0]))
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as readonly GcEntry[]) {
      const kind = GC_KINDS[entry.detail?.kind ?? 0] ?? 'major'
      seconds.set(kind, (seconds.get(kind) ?? 0) + entry.duration / 1e3)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return { read: () => [...seconds], close: () => observer.disconnect() }
}

function memory() {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
  return {
    memory: [
      ['rss', rss],
      ['heap_used', heapUsed],
      ['heap_total', heapTotal],
      ['external', external],
    ] as const,
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
