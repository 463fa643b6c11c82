// Promises of the load: steps that were applied, and the time of the threads that there are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JobReport } from '../job/report.js'
import { Load } from './load.js'

const aTask = (threadId: number, ms: number) => ({
  thread: { threadId, seat: threadId, cpu: threadId },
  startMs: 100,
  mappedMs: 100,
  endMs: 100 + ms,
  rows: 1,
})

const aReport = (outcome: JobReport['outcome'], tasks: JobReport['tasks']) => ({
  job: { count: 10 } as JobReport['job'],
  outcome,
  failedRows: 1,
  tasks,
})

test('steps count once they are applied, a thread’s time in any case', () => {
  const load = new Load()
  load.count(aReport('done', [aTask(1, 2), aTask(2, 3)]))
  load.count(aReport('already', [aTask(1, 4)]))
  load.count(aReport('gone', []))
  const { steps, threads, upMs } = load.look([
    { threadId: 1, cpu: 1 },
    { threadId: 2, cpu: 2 },
  ])
  assert.equal(steps, 9)
  assert.deepEqual(
    threads.map(({ computeMs }) => computeMs),
    [6, 3],
  )
  assert.ok(upMs >= 0)
})

test('a thread that is gone is not told of, and its place is taken by a new one that has done nothing', () => {
  const load = new Load()
  load.count(aReport('done', [aTask(1, 2)]))
  assert.deepEqual(load.look([{ threadId: 7, cpu: null }]).threads, [{ id: 7, cpu: null, computeMs: 0 }])
})
