// What became of each job, and what the process holds → its metrics. Told by observed.ts, and read at scrapes.
import type { Arena, MatrixCache } from '@cohort/cache'
import type { StepConsumer } from '@cohort/queue'
import type { Metrics } from '@cohort/telemetry'
import { migrationsOf, readThrottling, type Throttling } from '@cohort/threads'
import type { ComputePool } from '../compute-pool.js'
import type { ComputedTask } from '../job/dispatch.js'
import { legsOf, type JobReport } from '../job/report.js'

export type WorkerMetrics = Metrics<'worker'>

export interface Meter {
  /** `traceId`: of the job's span, where its trace is recorded. */
  done(report: JobReport, traceId?: string): void
  /** `final`: it is not tried again. */
  failed(final: boolean): void
}

/** Its instruments are made once: what is told of a job costs some microseconds. */
export function openMeter(metrics: WorkerMetrics): Meter {
  const leg = (name: string) => metrics.histogram('legSeconds', name)
  const legs = {
    queue: leg('queue'),
    take: leg('take'),
    load: leg('load'),
    dispatch: leg('dispatch'),
    compute: leg('compute'),
    commit: leg('commit'),
  }
  const job = (outcome: string) => metrics.counter('jobs', outcome)
  const jobs = { done: job('done'), already: job('already'), gone: job('gone') }
  const [failed, again] = [job('failed'), job('again')]
  const steps = { applied: metrics.counter('steps', 'applied'), failed: metrics.counter('steps', 'failed') }
  const [lockWait, tasks] = [metrics.histogram('lockWait'), metrics.counter('tasks')]
  const triesAgain = metrics.counter('triesAgain')
  return {
    done(report, traceId) {
      for (const { leg: name, fromMs, toMs } of legsOf(report))
        legs[name].observe((toMs - fromMs) / 1000, traceId)
      lockWait.observe((report.heldMs - report.marks.load) / 1000)
      jobs[report.outcome].add()
      triesAgain.add(report.tries - 1)
      // What was done before was counted then.
      if (report.outcome === 'done') {
        steps.applied.add(report.job.count - report.failedRows)
        steps.failed.add(report.failedRows)
      }
      tasks.add(report.tasks.length)
      for (const task of report.tasks) countCompute(metrics, task)
    },
    failed: (final) => (final ? failed : again).add(),
  }
}

function countCompute(metrics: WorkerMetrics, { thread, mappedMs, endMs }: ComputedTask): void {
  const [seat, cpu] = [thread.seat, thread.cpu].map((number) => String(number ?? 'none')) as [string, string]
  metrics.counter('computeSeconds', seat, cpu).add((endMs - mappedMs) / 1000)
}

interface Working {
  readonly pool: Pick<ComputePool, 'threads' | 'counters'>
  readonly consumer: Pick<StepConsumer, 'active'>
  readonly jobsAtOnce: () => number
  readonly throttling?: () => Throttling | undefined
}

/** Who works at a scrape, and how often the CPU quota stopped them. */
export function watchThreads(
  metrics: WorkerMetrics,
  { pool, consumer, jobsAtOnce, throttling = readThrottling }: Working,
): void {
  metrics.atScrape(['threads', 'activeJobs', 'jobsAtOnce'], () => {
    const pinned = pool.threads.filter(({ cpu }) => cpu !== null).length
    const threads = [['yes', pinned] as const, ['no', pool.threads.length - pinned] as const]
    return { threads, activeJobs: consumer.active, jobsAtOnce: jobsAtOnce() }
  })
  const migrations = () => migrationsOf(pool.threads.map(({ tid }) => tid))
  if (migrations() !== undefined)
    metrics.atScrape(['threadMigrations'], () => ({ threadMigrations: migrations() ?? 0 }))
  metrics.atScrape(['poolTasks', 'poolBundles', 'poolMovedOn', 'poolWaiting'], () => {
    const { affine, stolen, free, bundles, movedOn, waiting } = pool.counters
    const poolTasks = [['affine', affine] as const, ['stolen', stolen] as const, ['free', free] as const]
    return { poolTasks, poolBundles: bundles, poolMovedOn: movedOn, poolWaiting: waiting }
  })
  metrics.atScrape(['throttledPeriods', 'throttledSeconds'], () => {
    const { throttled, seconds } = throttling() ?? { throttled: 0, seconds: 0 }
    return { throttledPeriods: throttled, throttledSeconds: seconds }
  })
}

/** What is in the arena at a scrape. */
export function watchMemory(
  metrics: WorkerMetrics,
  {
    arena,
    cache,
  }: { arena: Pick<Arena, 'slots' | 'matrices'>; cache: Pick<MatrixCache<unknown>, 'counters'> },
): void {
  const told = [
    'cacheHits',
    'cacheMisses',
    'cacheEvictions',
    'cacheWaits',
    'cacheBytes',
    'cacheModels',
  ] as const
  metrics.atScrape(told, () => {
    const { hits, misses, evictions, waits, bytes, entries } = cache.counters
    return {
      cacheHits: hits,
      cacheMisses: misses,
      cacheEvictions: evictions,
      cacheWaits: waits,
      cacheBytes: bytes,
      cacheModels: entries,
    }
  })
  metrics.atScrape(['arenaBytes', 'arenaLimit'], () => {
    const regions = Object.entries<Arena['slots']>({ slots: arena.slots, matrices: arena.matrices })
    return {
      arenaBytes: regions.map(([name, { bytesInUse }]) => [name, bytesInUse] as const),
      arenaLimit: regions.map(([name, { capacity }]) => [name, capacity] as const),
    }
  })
}
