// Promises of the rotation: more models than fit are all right in every turn, and nothing is left behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rotate } from './rotation.js'

test('thirty models in turn where ten fit: each G is its own, most of the ten stay, memory is flat', async () => {
  const trace = Array.from({ length: 300 }, (_, i) => i % 30)
  const { hits, evictions, leaseMs, residentBytes } = await rotate(trace, 10)
  assert.equal(leaseMs.length, trace.length)
  // Four are in use at once, so six of ten can stay.
  assert.ok(hits >= 9 * 5, `${hits} hits`)
  assert.equal(evictions, trace.length - hits - 10)
  const [first = 0, last = 0] = [residentBytes[2], residentBytes.at(-1)]
  assert.ok(last - first < 64 * 2 ** 20, `${last - first} bytes more`)
})
