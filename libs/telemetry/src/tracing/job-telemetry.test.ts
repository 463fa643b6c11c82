// Promises of a job's spans: `process` alone becomes one, of any metadata; its legs and copies are bounded.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { aDoneJob, aRecorder, DAY_MS, msOf, TRACE, traceparent } from '../testing/recorder.js'
import { activeJob, openJobTelemetry } from './job-telemetry.js'
import type { Recording } from './sampler.js'
import type { JobSpan } from './tracing.js'

/** After any time at which this test may run: a job's span begins when it is taken. */
const FAR_MS = 4_000_000_000_000

/** Does with an operation what BullMQ does. */
async function operation(
  recording: Recording,
  kind: SpanKind,
  run: () => void,
  metadata?: unknown,
): Promise<void> {
  const { tracer: spans, contextManager } = openJobTelemetry(recording)
  const active = contextManager.active()
  const parent = metadata ? contextManager.fromMetadata(active, metadata as string) : undefined
  const span = spans.startSpan('process steps', { kind }, parent)
  span.setAttributes({ 'bullmq.queue.name': 'steps', 'bullmq.job.id': 'j-1' })
  try {
    await contextManager.with(span.setSpanOnContext(parent ?? active), async () => {
      // As in a worker: what comes after a wait is still inside.
      await Promise.resolve()
      run()
    })
  } catch (error) {
    span.recordException(error)
    throw error
  } finally {
    span.end()
  }
}

const taken = (
  recording: Recording,
  run: (job: JobSpan | undefined) => void,
  metadata?: unknown,
): Promise<void> => operation(recording, SpanKind.CONSUMER, () => run(activeJob()), metadata)
const from = (header: string) => JSON.stringify({ traceparent: header })

test('nothing but a job that is taken becomes a span', async () => {
  const { recording, spans } = aRecorder()
  for (const kind of [SpanKind.INTERNAL, SpanKind.PRODUCER, SpanKind.CLIENT])
    await operation(recording, kind, () => assert.equal(activeJob(), undefined))
  assert.deepEqual(spans(), [])
})

test('a job of a recorded trace is a span under its sender’s, from its taking to the end of its commit', async () => {
  const { recording, named, spans } = aRecorder()
  await taken(recording, (job) => job?.done(aDoneJob({ endMs: FAR_MS })), from(traceparent(5)))
  const [process] = named('process steps')
  assert.equal(process?.parentSpanContext?.spanId, '0000000000000005')
  assert.equal(msOf(process.endTime) + DAY_MS, FAR_MS)
  assert.equal(process.attributes['messaging.message.id'], 'j-1')
  assert.equal(process.attributes['bullmq.queue.name'], undefined)
  const [queue] = named('queue')
  assert.deepEqual(
    [queue?.parentSpanContext?.spanId, queue && msOf(queue.startTime)],
    ['0000000000000005', 100],
  )
  const own = process.spanContext().spanId
  assert.deepEqual(
    spans()
      .filter(({ parentSpanContext }) => parentSpanContext?.spanId === own)
      .map(({ name }) => name),
    ['take', 'load', 'dispatch', 'compute', 'commit'],
  )
  const [task] = named('task')
  assert.equal(task?.parentSpanContext?.spanId, named('compute')[0]?.spanContext().spanId)
  assert.deepEqual(
    ['map', 'step'].map((name) => named(name)[0]?.parentSpanContext?.spanId),
    Array(2).fill(task?.spanContext().spanId),
  )
})

test('a job of a trace that nobody records makes no span, here neither', async () => {
  const { recording, spans } = aRecorder('always_on')
  await taken(recording, (job) => assert.equal(job, undefined), from(traceparent(5, '00')))
  assert.deepEqual(spans(), [])
})

test('such a job is no part of the one that is run where it is taken', async () => {
  const { recording } = aRecorder()
  let nested: Promise<void> | undefined
  const unrecorded = () => taken(recording, (job) => assert.equal(job, undefined), from(traceparent(5, '00')))
  await taken(recording, () => void (nested = unrecorded()), from(traceparent(6)))
  await (nested ?? assert.fail())
})

test('a job whose metadata says nothing is a trace of its own, and is run all the same', async () => {
  for (const metadata of [undefined, 'nonsense', 7, { traceparent: traceparent(5) }, ['x']]) {
    const { recording, named } = aRecorder()
    let runs = 0
    await taken(recording, () => (runs += 1), metadata)
    assert.equal(runs, 1)
    assert.equal(named('process steps')[0]?.parentSpanContext, undefined)
  }
  const { recording, spans } = aRecorder('always_off')
  await taken(recording, () => {}, undefined)
  assert.deepEqual(spans(), [])
})

test('a job that came without a context begins its trace, and no span of it is before that', async () => {
  const { recording, named, spans } = aRecorder()
  await taken(recording, (job) => job?.done(aDoneJob()))
  assert.deepEqual(named('queue'), [])
  assert.equal(named('process steps')[0]?.attributes['cohort.queue_ms'], 100)
  const sent = aRecorder()
  await taken(sent.recording, (job) => job?.done(aDoneJob()), from(traceparent(5)))
  assert.equal(sent.named('process steps')[0]?.attributes['cohort.queue_ms'], undefined)
  assert.equal(sent.spans().length - spans().length, sent.named('queue').length)
})

test('a job whose time on the queue nobody knows has no span of it, and all others', async () => {
  const { recording, named, spans } = aRecorder()
  const legs = aDoneJob().legs.filter(({ leg }) => leg !== 'queue')
  const job = aDoneJob({ legs, copiesTo: [traceparent(9)] })
  await taken(recording, (span) => span?.done(job), from(traceparent(5)))
  assert.deepEqual(named('queue'), [])
  // Twice five legs, `process` twice, a task and its two parts.
  assert.equal(spans().length, 15)
  assert.deepEqual(
    named('process steps').map(({ startTime }) => msOf(startTime) === 200),
    // The copy ends first, and begins when the numbers say so; the job's own began when it was taken here.
    [true, false],
  )
})

test('the requests of a gathered job get copies of its legs, 32 at most, linked to the job', async () => {
  const { recording, named } = aRecorder()
  const wanted = [
    traceparent(1, '00'),
    'garbage',
    ...Array.from({ length: 40 }, (_, i) => traceparent(i + 2)),
  ]
  await taken(recording, (job) => job?.done(aDoneJob({ copiesTo: wanted })), undefined)
  const isCopy = (span: { attributes: Record<string, unknown> }) => span.attributes['cohort.copy'] === true
  const [job, ...none] = named('process steps').filter((span) => !isCopy(span))
  assert.deepEqual(none, [])
  const copies = named('process steps').filter(isCopy)
  assert.equal(copies.length, 30)
  assert.ok(copies.every((copy) => copy.spanContext().traceId === TRACE))
  assert.ok(copies.every(({ links: [link] }) => link?.context.spanId === job?.spanContext().spanId))
  assert.equal(named('commit').filter(isCopy).length, 30)
  assert.equal(named('task').length, 1)
})

test('a job of a thousand tasks shows the first of them', async () => {
  const { recording, named } = aRecorder()
  const [task] = aDoneJob().tasks
  const tasks = Array.from({ length: 1000 }, () => task ?? assert.fail())
  await taken(recording, (job) => job?.done(aDoneJob({ tasks })))
  assert.equal(named('task').length, 32)
  assert.equal(named('compute')[0]?.attributes['cohort.tasks'], 1000)
})

test('a job that failed is an error, once, whoever says so', async () => {
  const { recording, spans } = aRecorder()
  const refused = Object.assign(new Error('no such model'), { code: 'unknown_model' })
  await assert.rejects(
    taken(recording, (job) => {
      job?.fail(refused, DAY_MS)
      throw new Error('unknown_model: no such model')
    }),
  )
  const { tracer: bullmq } = openJobTelemetry(recording)
  // A job that BullMQ ends without ever running it.
  const ended = bullmq.startSpan('process steps', { kind: SpanKind.CONSUMER })
  ended.addEvent('job failed', { 'bullmq.job.failed.reason': 'job started more than allowable limit' })
  ended.end()
  assert.deepEqual(
    spans().map(({ status, events, attributes }) => [status.code, events.length, attributes['error.type']]),
    [
      [SpanStatusCode.ERROR, 1, 'unknown_model'],
      [SpanStatusCode.ERROR, 1, '_OTHER'],
    ],
  )
})
