// Promises of the statistics: known answers, and that rounds are fair.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, percentile, ratioOf, roundOrders, spreadOf } from './statistics.js'

test('a median is the middle, or the mean of the two in the middle, whatever the order', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([10, 1, 2, 3]), 2.5)
  assert.equal(median([9, 10, 100]), 10)
  assert(Number.isNaN(median([])))
})

test('a spread is the middle and both ends, and leaves the runs in their order', () => {
  const runs = [30, 10, 20]
  assert.deepEqual(spreadOf(runs), { median: 20, min: 10, max: 30 })
  assert.deepEqual(runs, [30, 10, 20])
})

test('a percentile is a value that was measured', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
  assert.equal(percentile(hundred, 50), 50)
  assert.equal(percentile(hundred, 99), 99)
  assert.equal(percentile(hundred, 100), 100)
  assert.equal(percentile([7], 50), 7)
  assert(Number.isNaN(percentile([], 50)))
})

test('a ratio is taken round by round: a slow round is slow for both', () => {
  assert.deepEqual(ratioOf([50, 5, 49], [100, 10, 100]), { median: 0.5, min: 0.49, max: 0.5 })
})

test('six rounds of three things are their six orders; each has each place twice', () => {
  const orders = roundOrders(['a', 'b', 'c'], 6)
  assert.equal(new Set(orders.map((order) => order.join(''))).size, 6)
  for (const place of [0, 1, 2]) {
    assert.deepEqual(orders.map((order) => order[place]).sort(), ['a', 'a', 'b', 'b', 'c', 'c'])
  }
  assert.deepEqual(roundOrders(['a', 'b', 'c'], 1), [['a', 'b', 'c']])
})
