// Promises of the meter: rates over the time in which requests were under way, latencies by percentile.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Meter } from './meter.js'

/** A meter on a clock that the test moves, and requests that the test ends. */
function metered() {
  let nowMs = 0
  const meter = new Meter(() => nowMs)
  const begin = (steps: number) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    return { done: meter.measure(steps, () => promise), resolve, reject }
  }
  return { meter, begin, pass: (ms: number) => (nowMs += ms) }
}

test('pauses in which nothing is under way do not count', async () => {
  const { meter, begin, pass } = metered()
  for (let i = 0; i < 2; i++) {
    const request = begin(100)
    pass(50)
    request.resolve()
    await request.done
    pass(10_000)
  }
  assert.equal(meter.rates.stepsPerSecond, 2000)
})

test('requests at the same time share their time', async () => {
  const { meter, begin, pass } = metered()
  const first = begin(100)
  pass(50)
  const second = begin(100)
  pass(50)
  first.resolve()
  await first.done
  pass(100)
  second.resolve()
  await second.done
  const { stepsPerSecond, latencyMs } = meter.rates
  assert.deepEqual([stepsPerSecond, Math.round(latencyMs.p50), Math.round(latencyMs.p99)], [1000, 100, 150])
})

test('a request that fails adds time, but neither steps nor a latency', async () => {
  const { meter, begin, pass } = metered()
  const request = begin(100)
  pass(1000)
  request.reject(new Error('no'))
  await assert.rejects(request.done, /no/)
  assert.deepEqual(meter.rates, { stepsPerSecond: 0, latencyMs: { p50: 0, p95: 0, p99: 0 } })
})

test('percentiles are within a thousandth', async () => {
  const { meter, begin, pass } = metered()
  for (let ms = 1; ms <= 100; ms++) {
    const request = begin(1)
    pass(ms)
    request.resolve()
    await request.done
  }
  const { p50, p95, p99 } = meter.rates.latencyMs
  for (const [got, expected] of [
    [p50, 50],
    [p95, 95],
    [p99, 99],
  ] as const) {
    assert(Math.abs(got - expected) <= expected / 1000 + 0.01, `${got} ${expected}`)
  }
})
