// Promises of a job's way to the queue: the child of its one sampled request, linked to several, nothing for none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { aRecorder, anArrival, DAY_MS, TRACE, traceparent } from '../testing/recorder.js'
import { openRequest } from './request.js'
import { openSend } from './send.js'
import { readMetadata } from './traceparent.js'
import type { RequestSpan } from './tracing.js'

function sent(flags: readonly ('00' | '01')[]) {
  const recorder = aRecorder()
  const requests = flags.map((flag, at) =>
    openRequest(recorder.recording, anArrival({ traceparent: traceparent(at + 1, flag) })),
  )
  const send = openSend(recorder.tracer, { jobId: 'j-1', steps: 9, together: 3, requests, startMs: DAY_MS })
  return { ...recorder, requests, send }
}

const spanIdOf = (request: RequestSpan | undefined) => request?.traceparent.split('-')[2]

test('a job with one sampled request is part of its trace, and so is what follows at the other end', () => {
  const { send, spans, requests } = sent(['00', '01', '00'])
  send.end(DAY_MS + 20)
  const [span, ...more] = spans()
  assert.deepEqual(more, [])
  assert.equal(span?.kind, SpanKind.PRODUCER)
  assert.equal(span.parentSpanContext?.spanId, spanIdOf(requests[1]))
  assert.deepEqual(span.links, [])
  assert.equal(readMetadata(send.metadata)?.spanId, span.spanContext().spanId)
  assert.equal(span.attributes['messaging.message.id'], 'j-1')
  assert.equal(span.attributes['messaging.batch.message_count'], 3)
})

test('a job with several is a trace of its own that links to each, to 128 at most', () => {
  const { send, spans, requests } = sent(Array.from({ length: 200 }, () => '01'))
  send.end(DAY_MS + 20)
  const [span] = spans()
  assert.equal(span?.parentSpanContext, undefined)
  assert.notEqual(span?.spanContext().traceId, TRACE)
  assert.deepEqual(
    span?.links.map(({ context }) => context.spanId),
    requests.slice(0, 128).map(spanIdOf),
  )
})

test('a job without a sampled request makes no span and tells the worker to make none', () => {
  const { send, spans } = sent(['00', '00'])
  send.end(DAY_MS + 20)
  send.fail(new Error('lost'), DAY_MS + 20)
  assert.deepEqual(spans(), [])
  const { traceId, traceFlags } = readMetadata(send.metadata) ?? assert.fail()
  assert.deepEqual([traceId, traceFlags], [TRACE, 0])
})

test('also where no caller had a trace; then each job has an unrecorded context of its own', () => {
  const { tracer, recording } = aRecorder('parentbased_always_off')
  const contexts = [1, 2].map(() => {
    const requests = [openRequest(recording, anArrival())]
    const send = openSend(tracer, { jobId: 'j-1', steps: 1, together: 1, requests, startMs: DAY_MS })
    return readMetadata(send.metadata) ?? assert.fail()
  })
  assert.deepEqual(
    contexts.map(({ traceFlags }) => traceFlags),
    [0, 0],
  )
  assert.notEqual(contexts[0]?.traceId, contexts[1]?.traceId)
})

test('what other systems keep with a trace goes along, recorded or not', () => {
  for (const flags of ['00', '01'] as const) {
    const { tracer, recording, spans } = aRecorder()
    const of = anArrival({ traceparent: traceparent(1, flags), tracestate: 'vendor=7' })
    const requests = [openRequest(recording, of)]
    const send = openSend(tracer, { jobId: 'j-1', steps: 9, together: 1, requests, startMs: DAY_MS })
    send.end(DAY_MS + 20)
    assert.equal(readMetadata(send.metadata)?.traceState?.serialize(), 'vendor=7')
    assert.notEqual(spans()[0]?.parentSpanContext?.isRemote, true)
  }
})

test('a job that could not be put there is an error', () => {
  const { send, spans } = sent(['01'])
  send.fail(new TypeError('the queue is away'), DAY_MS + 20)
  const [span] = spans()
  assert.equal(span?.status.code, SpanStatusCode.ERROR)
  assert.equal(span.attributes['error.type'], 'TypeError')
  assert.equal(span.events[0]?.name, 'exception')
})
