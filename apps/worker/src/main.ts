// Starts a worker process: reads the environment, puts the worker together, says one line when it is ready.
import 'reflect-metadata'
import { CohortError, faultLine, sentenceOf } from '@cohort/contracts'
import type { KernelName } from '@cohort/inference'
import type { WorkerInfo } from '@cohort/store'
import { activeTrace, nowMs, openLog, openMetrics, standardError, startTracing } from '@cohort/telemetry'
import { NestFactory } from '@nestjs/core'
import { readConfig, type WorkerConfig } from './config.js'
import { Drain } from './drain.js'
import type { Health } from './health.js'
import { HEALTH, WORKER, WorkerModule } from './worker.module.js'

const EXIT_FAILED = 1
const EXIT_CONFIGURATION = 2
/** What steps models here, where it covers them: the reference kernel steps the others. */
const KERNEL: KernelName = 'wasm'

await main()

async function main(): Promise<void> {
  const config = configured()
  const { logLevel: level, logFormat: format } = config
  const log = openLog({ app: 'worker', level, format, ...standardError(), nowMs, context: activeTrace })
  const drain = new Drain({ log, deadlineMs: config.drainMs, exit: (code) => process.exit(code) })
  drain.listen(process)
  try {
    const tracing = await startTracing(config.tracing, { service: 'cohort-worker', log })
    if (tracing !== undefined) drain.opened('tracing', () => tracing.stop())
    const metrics = openMetrics({ app: 'worker', kernel: KERNEL, log, tracing })
    drain.opened('metrics', () => metrics.close())
    const worker = WorkerModule.of({ config, log, drain, metrics, tracing })
    const context = await NestFactory.createApplicationContext(worker, { logger: false, abortOnError: false })
    process.stdout.write(`${readyLine(context.get<WorkerInfo>(WORKER), context.get<Health>(HEALTH))}\n`)
  } catch (error) {
    // A signal while the worker was starting took away what it was starting on.
    if (drain.begun) return
    complain(error)
    // A fault of ours: whoever mends it needs to know where it came from.
    if (!(error instanceof CohortError)) log.error('start', { error })
    process.exit(
      error instanceof CohortError && error.code === 'configuration' ? EXIT_CONFIGURATION : EXIT_FAILED,
    )
  }
}

function configured(): WorkerConfig {
  try {
    return readConfig()
  } catch (error) {
    complain(error)
    process.exit(EXIT_CONFIGURATION)
  }
}

/** To the person who started it, whatever the level of the log. */
function complain(error: unknown): void {
  const faults = error instanceof CohortError ? error.errors.map((fault) => `\n  ${faultLine(fault)}`) : []
  // The table's advice is for callers of a process that runs.
  const isAway = error instanceof CohortError && error.code === 'redis_unavailable'
  const sentence = isAway ? error.message : sentenceOf(error)
  process.stderr.write(`worker did not start: ${sentence}${faults.join('')}\n`)
}

function readyLine({ pid, threads, cpus }: WorkerInfo, health: Health): string {
  const pinned = cpus.filter((cpu) => cpu !== null)
  const unpinned = threads - pinned.length
  const cores = [
    ...(pinned.length > 0 ? [pinned.join(',')] : []),
    ...(unpinned > 0 ? [`${unpinned} unpinned`] : []),
  ].join(' + ')
  return `worker ready: pid ${pid}, threads ${threads}, cores ${cores}, health ${health.url}`
}
