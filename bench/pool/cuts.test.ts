// Promises of the other cuts: each row once, and borders where they are said to be.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutByBlock, cutWithinLines } from './cuts.js'

const slots = [256, 256, 100].map((rows, i) => ({ slot: 1000 * i, rows }))

test('every row is in one task, in order; no border within a block is on a cache line', () => {
  for (const cut of [cutByBlock, cutWithinLines]) {
    const segments = cut(slots, { stepMs: 0.003, lanes: 8, idle: 0 }).flat()
    const seen = segments.flatMap(({ slot, from, to }) =>
      Array.from({ length: to - from }, (_, i) => slot + from + i),
    )
    const all = slots.flatMap(({ slot, rows }) => Array.from({ length: rows }, (_, i) => slot + i))
    assert.deepEqual(seen, all)
  }
  const borders = cutWithinLines(slots, { stepMs: 0.003, lanes: 8, idle: 0 }).flatMap((task) =>
    task.map(({ from }) => from),
  )
  assert.ok(borders.some((from) => from > 0) && borders.every((from) => from === 0 || from % 16 === 5))
})
