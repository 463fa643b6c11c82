// What became of a job → the spans of its legs, where its trace is recorded. Called by worker.ts after the job.
import { nowMs, type DoneJob, type Tracing } from '@cohort/telemetry'
import type { JobReport } from '../job/report.js'

/** What holds all batches of a gathered job would be most of its span. */
const MOST_BATCHES = 8

/** Calls `run` inside of the job's span, as the queue does, and tells the span what came of it. */
export async function traced(
  tracing: Pick<Tracing, 'jobSpan'> | undefined,
  run: () => Promise<JobReport>,
): Promise<JobReport> {
  const span = tracing?.jobSpan()
  if (span === undefined) return run()
  try {
    const report = await run()
    span.done(doneJob(report))
    return report
  } catch (error) {
    span.fail(error, nowMs())
    throw error
  }
}

function doneJob({ job, marks, heldMs, tasks, committedMs, ...report }: JobReport): DoneJob {
  const batches = [...new Set(job.origins.map(({ batch }) => batch))]
  return {
    addedMs: job.addedMs,
    legs: [
      { leg: 'take', fromMs: marks.taken },
      { leg: 'load', fromMs: marks.load },
      { leg: 'dispatch', fromMs: marks.dispatch },
      { leg: 'compute', fromMs: marks.compute },
      { leg: 'commit', fromMs: marks.commit },
    ],
    endMs: committedMs,
    tasks,
    facts: {
      model: job.model,
      steps: job.count,
      failedSteps: report.failedRows,
      requests: batches.length,
      batches: batches.slice(0, MOST_BATCHES),
      outcome: report.outcome,
      tries: report.tries,
      lockWaitMs: heldMs - marks.load,
    },
    copiesTo: job.origins.flatMap(({ trace }) => trace ?? []),
  }
}
