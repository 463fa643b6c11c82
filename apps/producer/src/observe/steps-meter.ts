// What became of requests for steps → their metrics. Told by legs gather and notify, and where the answer is written.
import type { JobResult, LegTimings } from '@cohort/contracts'
import type { Metrics, RequestSpan } from '@cohort/telemetry'
import type { Flush } from '../steps/flush.js'

export type ProducerMetrics = Metrics<'producer'>

export interface StepsMeter {
  /** The queue has them. */
  queued(flush: Pick<Flush, 'pending' | 'records' | 'jobs'>): void
  /** A job of so many steps has ended; `result` undefined: nobody knows how. */
  answered(steps: number, result: JobResult | undefined): void
  /** A caller that waited has its answer. */
  ended(legs: LegTimings, trace: RequestSpan | undefined): void
}

/** Its instruments are made once: what is told of a request costs less than a microsecond. */
export function openStepsMeter(metrics: ProducerMetrics): StepsMeter {
  const leg = (name: string) => metrics.histogram('legSeconds', name)
  const [admit, gather, notify] = [leg('admit'), leg('gather'), leg('notify')]
  const [stepSeconds, jobSteps] = [metrics.histogram('stepSeconds'), metrics.histogram('jobSteps')]
  const admitted = metrics.counter('admitted')
  const steps = (outcome: string) => metrics.counter('answered', outcome)
  const [applied, failed, unknown] = [steps('applied'), steps('failed'), steps('unknown')]
  return {
    queued({ pending, records, jobs }) {
      for (const [at, { record }] of records.entries()) {
        const traceId = sampledId(pending[at]?.trace)
        const { arrived, admitted: admittedMs, added } = record.marks
        admit.observe((admittedMs - arrived) / 1000, traceId)
        gather.observe((added - admittedMs) / 1000, traceId)
      }
      for (const { job } of jobs) {
        jobSteps.observe(job.count)
        admitted.add(job.count)
      }
    },
    answered(count, result) {
      if (result === undefined) return unknown.add(count)
      const errors = result.ok ? result.errors.length : count
      failed.add(errors)
      applied.add(count - errors)
    },
    ended(legs, trace) {
      const traceId = sampledId(trace)
      notify.observe(legs.notify / 1000, traceId)
      stepSeconds.observe(Object.values(legs).reduce((sum, ms) => sum + ms, 0) / 1000, traceId)
    },
  }
}

const sampledId = (trace: RequestSpan | undefined): string | undefined =>
  trace?.sampled === true ? trace.context.traceId : undefined
