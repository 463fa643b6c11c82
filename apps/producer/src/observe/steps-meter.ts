// What became of requests for steps → their metrics.
import type { Metrics } from '@cohort/telemetry'
import type { StepsObserver } from '../steps/observer.js'

export type ProducerMetrics = Metrics<'producer'>

/** Its instruments are made once: what is told of a request costs less than a microsecond. */
export function openStepsMeter(metrics: ProducerMetrics): StepsObserver {
  const leg = (name: string) => metrics.histogram('legSeconds', name)
  const [admit, gather, notify] = [leg('admit'), leg('gather'), leg('notify')]
  const [stepSeconds, jobSteps] = [metrics.histogram('stepSeconds'), metrics.histogram('jobSteps')]
  const admitted = metrics.counter('admitted')
  const steps = (outcome: string) => metrics.counter('answered', outcome)
  const [applied, failed, unknown] = [steps('applied'), steps('failed'), steps('unknown')]
  return {
    queued({ pending, records, jobs }) {
      for (const [at, { record }] of records.entries()) {
        const traceId = pending[at]?.trace?.traceId
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
    waited: ({ ms, trace }) => stepSeconds.observe(ms / 1000, trace?.traceId),
    ended({ legs, waited, trace }) {
      if (waited) notify.observe(legs.notify / 1000, trace?.traceId)
    },
  }
}
