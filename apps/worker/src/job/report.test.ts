// Promises of a job's legs: end to end from the queue to the commit, and of the queue only what clocks can know.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { legsOf, type JobReport } from './report.js'

const TAKEN = 1_700_000_000_000
const DAY_MS = 86_400_000

const legs = (addedMs: number) =>
  legsOf({
    job: { addedMs } as JobReport['job'],
    marks: { taken: TAKEN, load: TAKEN + 1, dispatch: TAKEN + 10, compute: TAKEN + 12, commit: TAKEN + 20 },
    committedMs: TAKEN + 25,
  }).map(({ leg, fromMs, toMs }) => [leg, fromMs - TAKEN, toMs - TAKEN])

test('each leg ends where the next begins, from the time of adding to the end of the commit', () => {
  assert.deepEqual(legs(TAKEN - 7), [
    ['queue', -7, 0],
    ['take', 0, 1],
    ['load', 1, 10],
    ['dispatch', 10, 12],
    ['compute', 12, 20],
    ['commit', 20, 25],
  ])
})

test('a clock of the sender that is ahead makes the time on the queue zero', () => {
  for (const ahead of [1, 5000, 30 * DAY_MS]) assert.deepEqual(legs(TAKEN + ahead)[0], ['queue', 0, 0])
})

test('a job that says it was added a day ago or more has no time on the queue, and all other legs', () => {
  assert.equal(legs(TAKEN - DAY_MS + 1)[0]?.[0], 'queue')
  for (const addedMs of [TAKEN - DAY_MS, 7, 0])
    assert.deepEqual(
      legs(addedMs).map(([leg]) => leg),
      ['take', 'load', 'dispatch', 'compute', 'commit'],
    )
})
