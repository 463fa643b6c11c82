// Promises of the clock: it is the time of day, finer than a millisecond, and it never runs backwards.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nowMs } from './clock.js'

test('it counts from 1970, as the clock of the machine does', () => {
  assert.ok(Math.abs(nowMs() - Date.now()) < 60_000)
})

test('it never runs backwards, and tells times within a millisecond apart', () => {
  const times = Array.from({ length: 100_000 }, () => nowMs())
  assert.ok(times.every((time, i) => time >= (times[i - 1] ?? 0)))
  assert.ok(times.some((time) => !Number.isInteger(time)))
})
