// Promises of the progress: steps that were applied, and the time that each seat's threads stepped agents.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JobReport } from '../job/report.js'
import { Progress } from './progress.js'

const aTask = (seat: number, ms: number, threadId = seat + 1) => ({
  thread: { threadId, seat, cpu: seat },
  // Until it had the model in view it stepped nobody.
  startMs: 50,
  mappedMs: 100,
  endMs: 100 + ms,
  stepped: 1,
  rows: 1,
})

const aReport = (outcome: JobReport['outcome'], tasks: JobReport['tasks']) => ({
  job: { count: 10 } as JobReport['job'],
  outcome,
  failedRows: 1,
  tasks,
})

test('steps count once they are applied, a thread’s time in any case', () => {
  const progress = new Progress()
  progress.count(aReport('done', [aTask(0, 2), aTask(1, 3)]))
  progress.count(aReport('already', [aTask(0, 4)]))
  progress.count(aReport('gone', []))
  const { steps, threads, upMs } = progress.look([
    { seat: 0, cpu: 1 },
    { seat: 1, cpu: 2 },
  ])
  assert.equal(steps, 9)
  assert.deepEqual(
    threads.map(({ computeMs }) => computeMs),
    [6, 3],
  )
  assert.ok(upMs >= 0)
})

test('a seat goes on with its time when a new thread takes it, and one that nobody has is not told of', () => {
  const progress = new Progress()
  progress.count(aReport('done', [aTask(0, 2, 1), aTask(1, 9, 2)]))
  progress.count(aReport('done', [aTask(0, 3, 7)]))
  assert.deepEqual(progress.look([{ seat: 0, cpu: null }]).threads, [{ seat: 0, cpu: null, computeMs: 5 }])
})
