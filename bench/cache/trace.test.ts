// Promises of the traces' measures: on a trace that can be done by hand, and one never better than the other.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hitsOfForesight, hitsOfOldestFirst, TRACES } from './trace.js'

test('by hand: three in turn where two fit, the oldest first never hits, foresight does', () => {
  const trace = [0, 1, 2, 0, 1, 2, 0]
  assert.equal(hitsOfOldestFirst(trace, 2), 0)
  assert.equal(hitsOfForesight(trace, 2), 2 / 7)
})

test('foresight is never worse', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(8), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      (trace, room) => {
        assert.ok(hitsOfForesight(trace, room) >= hitsOfOldestFirst(trace, room))
      },
    ),
  )
})

test('favourites come more often than the others, in every trace that has them', () => {
  for (const { models } of TRACES.slice(1)) {
    const first = models.filter((model) => model === 0).length
    assert.ok(first > 10 * models.filter((model) => model === 50).length)
  }
})
