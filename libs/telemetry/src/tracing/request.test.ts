// Promises of a request's span: decided once, its legs inside of it, an error only where the server is at fault.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SpanStatusCode } from '@opentelemetry/api'
import { aRecorder, anArrival, DAY_MS, msOf, TRACE, traceparent } from '../testing/recorder.js'
import { activeTrace } from './active.js'
import { openRequest } from './request.js'

test('its legs hang on it, and one without an end ends with it', () => {
  const { recording, spans } = aRecorder()
  const request = openRequest(recording, anArrival({ traceparent: traceparent(7) }))
  request.leg('admit', DAY_MS - 1, DAY_MS + 10)
  request.leg('notify', DAY_MS + 20)
  request.note({ batch: 'b-1', steps: 3 })
  request.end(200, DAY_MS + 30)
  const [admit, notify, server, ...more] = spans()
  assert.deepEqual(more, [])
  assert.deepEqual([admit?.name, notify?.name, server?.name], ['admit', 'notify', 'POST /v1/steps'])
  assert.deepEqual(
    [admit, notify].map((leg) => leg?.parentSpanContext?.spanId),
    Array(2).fill(request.traceparent.split('-')[2]),
  )
  // A clock that is read twice is no reason for a leg to begin before its request.
  assert.deepEqual(
    [admit, notify, server].map((one) => one && msOf(one.startTime)),
    [0, 20, 0],
  )
  assert.deepEqual(
    [admit, notify, server].map((one) => one && msOf(one.endTime)),
    [10, 30, 30],
  )
  assert.equal(server?.parentSpanContext?.spanId, '0000000000000007')
  assert.equal(server.spanContext().traceId, TRACE)
  assert.equal(server.attributes['cohort.batch'], 'b-1')
  assert.equal(server.attributes['http.response.status_code'], 200)
  assert.equal(server.status.code, SpanStatusCode.UNSET)
})

test('one that nobody records makes no span, and still says which trace it is of', () => {
  const { recording, spans } = aRecorder()
  const request = openRequest(recording, anArrival({ traceparent: traceparent(7, '00') }))
  request.leg('admit', DAY_MS, DAY_MS + 2)
  request.leg('notify', DAY_MS)
  request.run(() => assert.equal(activeTrace(), undefined))
  request.end(200, DAY_MS + 3)
  assert.deepEqual([request.sampled, request.traceId], [false, undefined])
  assert.match(request.traceparent, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`))
  assert.deepEqual(spans(), [])
})

test('while it runs, what is logged can name it', () => {
  const { recording } = aRecorder()
  const request = openRequest(recording, anArrival())
  request.run(() => {
    const [, , span_id] = request.traceparent.split('-')
    assert.deepEqual(activeTrace(), { trace_id: request.traceId, span_id })
  })
  assert.equal(activeTrace(), undefined)
})

test('an error of the server is one of the span, by its code; a refusal is not, nor a caller who left', () => {
  const { recording, spans } = aRecorder()
  const [broken, refused, left] = [0, 1, 2].map(() => openRequest(recording, anArrival()))
  broken?.note({ code: 'redis_unavailable' })
  broken?.end(503, DAY_MS + 1)
  refused?.note({ code: 'wrong_step' })
  refused?.end(409, DAY_MS + 1)
  left?.end(undefined, DAY_MS + 1)
  assert.deepEqual(
    spans().map(({ status, attributes }) => [
      status.code,
      attributes['error.type'],
      attributes['cohort.code'],
    ]),
    [
      [SpanStatusCode.ERROR, 'redis_unavailable', 'redis_unavailable'],
      [SpanStatusCode.UNSET, undefined, 'wrong_step'],
      [SpanStatusCode.UNSET, 'caller_gone', undefined],
    ],
  )
})
