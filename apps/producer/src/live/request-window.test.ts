// Promises of the window: means and percentiles of the last ten seconds, right to a hundredth, and nothing older.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LEGS, type LegTimings } from '@cohort/contracts'
import fc from 'fast-check'
import { RequestWindow } from './request-window.js'

const T0 = 1_800_000_000_000

/** `ms` in all, a ninth in each leg. */
const evenly = (ms: number): LegTimings =>
  Object.fromEntries(LEGS.map((leg) => [leg, ms / LEGS.length])) as LegTimings

test('without requests it has no latency and no legs', () => {
  assert.deepEqual(new RequestWindow().look(T0), { requests: { seconds: 10, ended: 0, waited: 0, legs: [] } })
})

test('the legs come in the order of the way, each with its mean', () => {
  const window = new RequestWindow()
  const legs = { ...evenly(0), queue: 3, compute: 1 }
  window.ended({ legs, atMs: T0, waited: true })
  window.ended({ legs: { ...legs, queue: 5 }, atMs: T0 + 1500, waited: true })
  const seen = window.look(T0 + 2000).requests.legs
  assert.deepEqual(
    seen.map(({ leg }) => leg),
    [...LEGS],
  )
  assert.deepEqual(
    seen.filter(({ meanMs }) => meanMs > 0),
    [
      { leg: 'queue', meanMs: 4 },
      { leg: 'compute', meanMs: 1 },
    ],
  )
})

test('a request that nobody waited for counts in the legs, not in the latency', () => {
  const window = new RequestWindow()
  window.ended({ legs: evenly(9), atMs: T0, waited: false })
  const { requests, latencyMs } = window.look(T0)
  const { ended, waited, legs } = requests
  assert.deepEqual([ended, waited, latencyMs, legs.length], [1, 0, undefined, 9])
})

test('percentiles are right to a hundredth, however the latencies lie', () => {
  const latency = fc.double({ min: 0.02, max: 60_000, noNaN: true })
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), (latencies) => {
      const window = new RequestWindow()
      for (const [i, ms] of latencies.entries())
        window.ended({ legs: evenly(ms), atMs: T0 + i * 30, waited: true })
      const sorted = latencies.toSorted((one, other) => one - other)
      const seen = window.look(T0 + 9000).latencyMs ?? assert.fail('no latency')
      for (const [name, rank] of [
        ['p50', 0.5],
        ['p95', 0.95],
        ['p99', 0.99],
      ] as const) {
        const exact = sorted[Math.ceil(rank * sorted.length) - 1] ?? 0
        assert.ok(Math.abs(seen[name] / exact - 1) < 0.0101, `${name}: ${seen[name]} for ${exact}`)
      }
    }),
  )
})

test('what is older than ten seconds is forgotten, second by second', () => {
  const window = new RequestWindow()
  for (let second = 0; second < 25; second += 1)
    window.ended({ legs: evenly(1), atMs: T0 + second * 1000, waited: true })
  assert.equal(window.look(T0 + 24_000).requests.ended, 10)
  assert.equal(window.look(T0 + 30_000).requests.ended, 4)
  assert.equal(window.look(T0 + 60_000).requests.ended, 0)
})

test('a latency out of all bounds is counted at their end', () => {
  const window = new RequestWindow()
  window.ended({ legs: evenly(0), atMs: T0, waited: true })
  window.ended({ legs: evenly(1e9), atMs: T0, waited: true })
  const { latencyMs } = window.look(T0)
  assert.ok((latencyMs?.p50 ?? 1) < 0.011)
  assert.ok((latencyMs?.p99 ?? 0) > 20 * 60_000)
})
