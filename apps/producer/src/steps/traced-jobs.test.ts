// Promises of traces in a job: what a worker needs travels, only of recorded requests, and little of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JobOrigin } from '@cohort/contracts'
import type { RequestSpan } from '@cohort/telemetry'
import type { AdmittedSteps } from './admit.js'
import { requestsOf, tracedOrigins } from './traced-jobs.js'

const aBatch = (at: number): JobOrigin['batch'] => `b-00000000-0000-0000-0000-${String(at).padStart(12, '0')}`

/** As much of a plan as matters: a request a batch, and its origins. */
function aPlan(sampled: readonly (boolean | undefined)[], origins: readonly number[]) {
  const steps = sampled.map((isSampled, at) => {
    const traceparent = `00-${'a'.repeat(32)}-${String(at + 1).padStart(16, '0')}-${isSampled ? '01' : '00'}`
    const trace = isSampled === undefined ? {} : { trace: { sampled: isSampled, traceparent } as RequestSpan }
    return { batch: aBatch(at), ...trace } as AdmittedSteps
  })
  return {
    parts: [],
    count: origins.length,
    columns: [],
    soft: [],
    origins: origins.map((batch, from) => ({ batch: aBatch(batch), from, count: 1 })),
    runs: new Map(steps.map((one) => [one, []])),
  }
}

const tracedIn = (plan: ReturnType<typeof aPlan>): number[] =>
  tracedOrigins(plan).flatMap(({ trace }, at) => (trace === undefined ? [] : [at]))

test('without tracing nothing travels', () => {
  const plan = aPlan([undefined, undefined], [0, 1])
  assert.deepEqual(tracedOrigins(plan), plan.origins)
  assert.deepEqual(requestsOf(plan), [])
})

test('one recorded request is told by the job’s own context, and not once more', () => {
  const plan = aPlan([false, true, false], [0, 1, 2])
  assert.deepEqual(tracedOrigins(plan), plan.origins)
  assert.equal(requestsOf(plan).length, 3)
})

test('of several, each is told at the first of its origins', () => {
  const plan = aPlan([true, false, true], [0, 1, 2, 0, 2])
  assert.deepEqual(tracedIn(plan), [0, 2])
  assert.match(tracedOrigins(plan)[2]?.trace ?? '', /-0000000000000003-01$/)
})

test('of a thousand, 32 are told', () => {
  const all = Array.from({ length: 1000 }, (_, at) => at)
  const plan = aPlan(
    all.map(() => true),
    all,
  )
  assert.deepEqual(tracedIn(plan), all.slice(0, 32))
})
