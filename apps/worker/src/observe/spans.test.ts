// Promises of a job's spans: the span hears the job's own marks and facts, or its error; without one nothing is told.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import type { DoneJob, JobSpan } from '@cohort/telemetry'
import type { JobReport } from '../job/report.js'
import { traced } from './spans.js'

const aReport = (batches: readonly string[] = ['b-1']): JobReport => {
  const origins = batches.map((batch, from) => ({ batch, from, count: 1, trace: `trace of ${batch}` }))
  return {
    id: 'j-1',
    job: { model: 'm', count: 5, addedMs: 90, origins: [...origins, { batch: 'b-1', from: 9, count: 1 }] },
    marks: { taken: 100, load: 101, dispatch: 110, compute: 112, commit: 120 },
    heldMs: 104,
    tasks: [],
    committedMs: 125,
    outcome: 'done',
    failedRows: 2,
    tries: 3,
  } as unknown as JobReport
}

function aSpan() {
  const told: { done: DoneJob[]; errors: unknown[] } = { done: [], errors: [] }
  const span: JobSpan = {
    context: { traceId: '', spanId: '', traceFlags: 1 },
    done: (job) => void told.done.push(job),
    fail: (error) => void told.errors.push(error),
  }
  return { told, tracing: { jobSpan: () => span } }
}

test('each leg begins at its mark, and the last ends with the commit', async () => {
  const { told, tracing } = aSpan()
  const report = aReport()
  assert.equal(await traced(tracing, async () => report), report)
  const [job, ...more] = told.done
  assert.deepEqual([more, told.errors], [[], []])
  assert.deepEqual(
    job?.legs.map(({ leg, fromMs }) => [leg, fromMs]),
    [
      ['take', 100],
      ['load', 101],
      ['dispatch', 110],
      ['compute', 112],
      ['commit', 120],
    ],
  )
  assert.deepEqual([job?.addedMs, job?.endMs], [90, 125])
  const { lockWaitMs, tries, failedSteps, requests } = job?.facts ?? assert.fail()
  assert.deepEqual([lockWaitMs, tries, failedSteps, requests], [3, 3, 2, 1])
})

test('of many batches the first eight are named, and all are counted and told who wants a copy', async () => {
  const { told, tracing } = aSpan()
  const batches = Array.from({ length: 20 }, (_, at) => `b-${at + 1}`)
  await traced(tracing, async () => aReport(batches))
  assert.deepEqual(told.done[0]?.facts.batches, batches.slice(0, 8))
  assert.equal(told.done[0]?.facts.requests, 20)
  assert.deepEqual(
    told.done[0]?.copiesTo,
    batches.map((batch) => `trace of ${batch}`),
  )
})

test('an error is told and goes on its way', async () => {
  const { told, tracing } = aSpan()
  const error = new CohortError('invalid_job', 'planted')
  await assert.rejects(
    traced(tracing, () => Promise.reject(error)),
    error,
  )
  assert.deepEqual([told.done, told.errors], [[], [error]])
})

test('a job that nobody records is run, and that is all', async () => {
  const report = aReport()
  assert.equal(await traced(undefined, async () => report), report)
  assert.equal(await traced({ jobSpan: () => undefined }, async () => report), report)
})
