// Promises of the sampler: a trace is recorded or not as a whole, as its first span was.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aRecorder, anArrival, traceparent } from '../testing/recorder.js'
import { openRequest } from './request.js'
import { openSend } from './send.js'
import type { TracingSettings } from './settings.js'

const recordedBy = (sampler: TracingSettings['sampler'], ratio: number, flags?: '00' | '01') => {
  const { recording } = aRecorder(sampler, ratio)
  const caller = flags === undefined ? {} : { traceparent: traceparent(1, flags) }
  return openRequest(recording, anArrival(caller)).sampled
}

test('those that look at the caller’s trace do as it does; the others do not', () => {
  assert.deepEqual(
    (['00', '01', undefined] as const).map((flags) => recordedBy('parentbased_always_on', 1, flags)),
    [false, true, true],
  )
  assert.deepEqual(
    (['00', '01', undefined] as const).map((flags) => recordedBy('parentbased_always_off', 1, flags)),
    [false, true, false],
  )
  assert.deepEqual([recordedBy('always_on', 1, '00'), recordedBy('always_off', 1, '01')], [true, false])
  assert.deepEqual([recordedBy('traceidratio', 0, '01'), recordedBy('traceidratio', 1, '00')], [false, true])
})

test('a ratio records about so many of the traces that begin here', () => {
  const { recording } = aRecorder('parentbased_traceidratio', 0.1)
  const recorded = Array.from({ length: 5000 }, () => openRequest(recording, anArrival())).filter(
    ({ sampled }) => sampled,
  )
  // Six standard deviations.
  assert.ok(Math.abs(recorded.length - 500) < 6 * Math.sqrt(5000 * 0.1 * 0.9), String(recorded.length))
})

test('once a request is recorded, all that follows is, whatever this process would say of it', () => {
  const { tracer, recording, named } = aRecorder('parentbased_always_off')
  const requests = [1, 2].map((span) => openRequest(recording, anArrival({ traceparent: traceparent(span) })))
  openSend(tracer, { jobId: 'j', steps: 2, together: 1, requests, startMs: 1 }).end(2)
  requests[0]?.leg('admit', 1, 2)
  assert.deepEqual([named('send steps').length, named('admit').length], [1, 1])
})
