// Promises of who listens to a job: each hears its numbers or its error, and none can change what came of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import type { DoneJob, JobSpan } from '@cohort/telemetry'
import type { JobReport } from '../job/report.js'
import { observed, type Listeners } from './observed.js'

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

function ears() {
  const told = {
    spans: [] as DoneJob[],
    errors: [] as unknown[],
    metered: [] as unknown[],
    counted: 0,
    lines: [] as string[],
  }
  const span: JobSpan = {
    traceId: 't-1',
    done: (job) => void told.spans.push(job),
    fail: (error) => void told.errors.push(error),
  }
  const listeners: Listeners = {
    log: { error: (message) => void told.lines.push(message) },
    tracing: { jobSpan: () => span },
    meter: { done: (report, traceId) => void told.metered.push([report, traceId]) },
    progress: { count: () => void (told.counted += 1) },
  }
  return { told, span, listeners }
}

test('the metrics hear the report and its trace, the span its numbers', async () => {
  const { told, listeners } = ears()
  const report = aReport()
  await observed(listeners, async () => report)
  assert.deepEqual([told.metered, told.counted], [[[report, 't-1']], 1])
  const [job, ...more] = told.spans
  assert.deepEqual([more, told.errors, told.lines], [[], [], []])
  assert.deepEqual([job?.takenMs, job?.endMs, job?.legs.length], [100, 125, 6])
  const { lockWaitMs, tries, failedSteps, requests } = job?.facts ?? assert.fail()
  assert.deepEqual([lockWaitMs, tries, failedSteps, requests], [3, 3, 2, 1])
})

test('of many batches the first eight are named, and all are counted and told who wants a copy', async () => {
  const { told, listeners } = ears()
  const batches = Array.from({ length: 20 }, (_, at) => `b-${at + 1}`)
  await observed(listeners, async () => aReport(batches))
  assert.deepEqual(told.spans[0]?.facts.batches, batches.slice(0, 8))
  assert.equal(told.spans[0]?.facts.requests, 20)
  assert.deepEqual(
    told.spans[0]?.copiesTo,
    batches.map((batch) => `trace of ${batch}`),
  )
})

test('an error is told and goes on its way', async () => {
  const { told, listeners } = ears()
  const error = new CohortError('invalid_job', 'planted')
  await assert.rejects(
    observed(listeners, () => Promise.reject(error)),
    error,
  )
  assert.deepEqual([told.spans, told.errors, told.metered, told.counted], [[], [error], [], 0])
})

test('a job that nobody records is run and counted, and that is all', async () => {
  for (const tracing of [undefined, { jobSpan: () => undefined }]) {
    const { told, listeners } = ears()
    await observed({ ...listeners, tracing }, async () => aReport())
    assert.deepEqual([told.spans, told.metered.length, told.counted], [[], 1, 1])
  }
})

test('a listener that throws undoes no job and keeps no other from hearing', async () => {
  const broken = () => assert.fail('planted')
  for (const which of ['span', 'meter', 'progress']) {
    const { told, span, listeners } = ears()
    const deaf: Partial<Listeners> =
      which === 'span'
        ? { tracing: { jobSpan: () => ({ ...span, done: broken }) } }
        : { [which]: { done: broken, count: broken } }
    await observed({ ...listeners, ...deaf }, async () => aReport())
    assert.equal(told.spans.length + told.metered.length + told.counted, 2, which)
    assert.equal(told.lines.length, 1)
  }
})

test('a span that throws hides no error of the job', async () => {
  const { told, span, listeners } = ears()
  const tracing = { jobSpan: () => ({ ...span, fail: () => assert.fail('planted') }) }
  const error = new CohortError('invalid_job', 'the job’s own')
  await assert.rejects(
    observed({ ...listeners, tracing }, () => Promise.reject(error)),
    error,
  )
  assert.equal(told.lines.length, 1)
})
