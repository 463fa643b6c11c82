// Promises of cutting: every row exactly once, tasks of the wanted length, small parts together.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cutTasks, TASK_MS } from './cut-tasks.js'

const slotsOf = (sizes: readonly number[]) =>
  sizes.map((rows, part) => ({ slot: 64 + part * 1_000_000, rows }))
const at = (stepMs: number, lanes = 8) => ({ stepMs, lanes, idle: 0 })
const sizes = fc.array(fc.integer({ min: 1, max: 256 }), { maxLength: 16 })

test('every row of every slot is in exactly one task, in order', () => {
  fc.assert(
    fc.property(sizes, fc.double({ min: 1e-6, max: 100, noNaN: true }), (counts, stepMs) => {
      const slots = slotsOf(counts)
      const seen = cutTasks(slots, at(stepMs))
        .flat()
        .flatMap(({ slot, from, to }) => Array.from({ length: to - from }, (_, i) => `${slot}:${from + i}`))
      const want = slots.flatMap(({ slot, rows }) => Array.from({ length: rows }, (_, i) => `${slot}:${i}`))
      assert.deepEqual(seen, want)
    }),
  )
})

test('a task is no longer than wanted, but for whole groups of rows that are stepped together', () => {
  fc.assert(
    fc.property(sizes, fc.double({ min: 1e-6, max: 10, noNaN: true }), (counts, stepMs) => {
      for (const task of cutTasks(slotsOf(counts), at(stepMs))) {
        const rows = task.reduce((sum, { from, to }) => sum + to - from, 0)
        assert.ok(rows * stepMs <= 1.5 * TASK_MS + 16 * stepMs, `${rows} rows of ${stepMs} ms`)
      }
    }),
  )
})

test('where threads are idle a job is cut into one task for each, but not finer than a tenth of a millisecond', () => {
  const tasks = (ms: number, idle: number) => cutTasks(slotsOf([256, 256]), { ...at(ms / 512), idle }).length
  assert.deepEqual(
    [tasks(0.35, 0), tasks(0.35, 2), tasks(0.35, 16), tasks(0.19, 16), tasks(4, 2)],
    [1, 2, 3, 1, 8],
  )
})

test('there are no more tasks than the compute is worth', () => {
  fc.assert(
    fc.property(sizes, fc.double({ min: 1e-6, max: 10, noNaN: true }), (counts, stepMs) => {
      const total = counts.reduce((sum, rows) => sum + rows, 0)
      const worth = Math.max(1, Math.round((total * stepMs) / TASK_MS))
      assert.ok(cutTasks(slotsOf(counts), at(stepMs)).length <= worth)
    }),
  )
})

test('a model whose steps are slow is cut as finely as its kernel steps: rows of 5 ms by one, or by eight', () => {
  assert.equal(cutTasks(slotsOf([16]), { ...at(5, 1), idle: 8 }).length, 16)
  assert.equal(cutTasks(slotsOf([16]), { ...at(5, 8), idle: 8 }).length, 2)
})

test('sixteen single agents make one task, a block of slow agents many', () => {
  assert.equal(cutTasks(slotsOf(Array(16).fill(1)), at(0.0005)).length, 1)
  assert.equal(cutTasks(slotsOf([256]), at(0.5)).length, 32)
  assert.deepEqual(cutTasks([], at(1)), [])
})
