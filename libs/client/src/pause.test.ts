// Promises of the pauses: they grow, they are bounded, they honour what the server asked for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pollPauseMs, retryPauseMs } from './pause.js'
import { retryAfterMs } from './problem.js'

test('a retry pause is between half and the whole of its doubling bound, and never shorter than Retry-After', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      random,
      fc.option(fc.nat(60_000), { nil: undefined }),
      (attempt, r, after) => {
        const bound = Math.min(5000, 100 * 2 ** (attempt - 1))
        const pause = retryPauseMs(attempt, after, r)
        assert(pause >= Math.max(bound / 2, after ?? 0))
        assert(pause <= Math.max(bound, after ?? 0))
      },
    ),
  )
})

test('looks at a batch come less and less often, but at least twice a second', () => {
  const pauses = Array.from({ length: 20 }, (_, i) => pollPauseMs(i + 1))
  assert.equal(pauses[0], 20)
  assert.deepEqual(
    pauses,
    pauses.toSorted((a, b) => a - b),
  )
  assert.equal(pauses.at(-1), 500)
})

test('Retry-After may be seconds or a date; nonsense is nothing', () => {
  const now = Date.parse('Tue, 24 Nov 2026 10:00:00 GMT')
  const read = (header: string | null) => retryAfterMs(header, now)
  assert.deepEqual(
    [read('2'), read('0'), read('Tue, 24 Nov 2026 10:00:05 GMT'), read('Tue, 24 Nov 2026 09:00:00 GMT')],
    [2000, 0, 5000, 0],
  )
  assert.deepEqual(
    [read(null), read(''), read('soon'), read('-1')],
    [undefined, undefined, undefined, undefined],
  )
})
