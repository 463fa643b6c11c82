// A job is run, and whoever listens hears what came of it: metrics, spans, the heartbeat. Called by worker.ts
import { nowMs, quietly, type Log, type Tracing } from '@cohort/telemetry'
import type { JobReport } from '../job/report.js'
import type { Meter } from './metrics.js'
import type { Progress } from './progress.js'
import { doneJob } from './spans.js'

export interface Listeners {
  readonly log: Pick<Log, 'error'>
  readonly tracing: Pick<Tracing, 'jobSpan'> | undefined
  readonly meter: Pick<Meter, 'done'>
  readonly progress: Pick<Progress, 'count'>
}

/** Calls `run` inside of the job's span, as the queue does. What a listener makes of it changes nothing of the job. */
export async function observed(listeners: Listeners, run: () => Promise<JobReport>): Promise<void> {
  const { log, tracing, meter, progress } = listeners
  const span = tracing?.jobSpan()
  const report = await run().catch((error: unknown) => {
    quietly(log, () => span?.fail(error, nowMs()))
    throw error
  })
  quietly(log, () => progress.count(report))
  quietly(log, () => meter.done(report, span?.traceId))
  if (span !== undefined) quietly(log, () => span.done(doneJob(report)))
}
