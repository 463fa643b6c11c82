// What became of a job → what its spans are made of, where its trace is recorded. Used by observed.ts
import type { DoneJob } from '@cohort/telemetry'
import { batchesOf } from '../batches-of.js'
import { legsOf, type JobReport } from '../job/report.js'

export function doneJob(report: JobReport): DoneJob {
  const { job, marks, heldMs, tasks, committedMs, failedRows, outcome, tries } = report
  return {
    takenMs: marks.taken,
    legs: legsOf(report),
    endMs: committedMs,
    tasks,
    facts: {
      model: job.model,
      steps: job.count,
      failedSteps: failedRows,
      requests: new Set(job.origins.map(({ batch }) => batch)).size,
      batches: batchesOf(job),
      outcome,
      tries,
      lockWaitMs: heldMs - marks.load,
    },
    copiesTo: job.origins.flatMap(({ trace }) => trace ?? []),
  }
}
