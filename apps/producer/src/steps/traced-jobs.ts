// leg: gather. The traces of the requests in a job: what of them travels with it, and the span of its way to the queue.
import type { BatchId, Job, JobOrigin } from '@cohort/contracts'
import type { QueuedJob } from '@cohort/queue'
import { MOST_COPIES, nowMs, type RequestSpan, type SendSpan, type Tracing } from '@cohort/telemetry'
import type { PlannedJob } from './plan/plan-jobs.js'

export interface TracedJob {
  readonly id: string
  readonly job: Job
  /** The spans of the requests that have steps in it. */
  readonly requests?: readonly RequestSpan[]
}

/** Those that have steps in the job; none where nothing is traced. */
export function requestsOf({ runs }: PlannedJob): RequestSpan[] {
  const [first] = runs.keys()
  if (first?.trace === undefined) return []
  return [...runs.keys()].flatMap(({ trace }) => trace ?? [])
}

/**
 * A job with one sampled request is part of that request's trace. One with several is a trace of its own: the worker
 * is told in whose traces its legs are to be seen too.
 */
export function tracedOrigins({ origins, runs }: PlannedJob): JobOrigin[] {
  const told = new Map<BatchId, string>()
  const [first] = runs.keys()
  if (first?.trace === undefined) return [...origins]
  for (const { batch, trace } of runs.keys())
    if (trace?.sampled === true && told.size < MOST_COPIES) told.set(batch, trace.traceparent)
  if (told.size < 2) return [...origins]
  return origins.map((origin) => {
    const trace = told.get(origin.batch)
    // A batch has several origins where its rows lie between others'.
    return told.delete(origin.batch) && trace !== undefined ? { ...origin, trace } : origin
  })
}

/** Calls `put` with the jobs, each with the context of its span. */
export async function tracedPut(
  tracing: Pick<Tracing, 'send'> | undefined,
  jobs: readonly TracedJob[],
  put: (jobs: readonly QueuedJob[]) => Promise<void>,
): Promise<void> {
  if (tracing === undefined) return put(jobs)
  const sends = openSends(tracing, jobs)
  try {
    await put(jobs.map(({ id, job }, at) => ({ id, job, metadata: sends[at]?.metadata })))
  } catch (error) {
    const endMs = nowMs()
    for (const send of sends) send.fail(error, endMs)
    throw error
  }
  const endMs = nowMs()
  for (const send of sends) send.end(endMs)
}

const openSends = (tracing: Pick<Tracing, 'send'>, jobs: readonly TracedJob[]): SendSpan[] =>
  jobs.map(({ id, job, requests = [] }) =>
    tracing.send({
      jobId: id,
      steps: job.count,
      together: jobs.length,
      requests,
      startMs: job.addedMs,
    }),
  )
