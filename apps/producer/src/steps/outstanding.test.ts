// Promises of the outstanding jobs: looked for after growing pauses, in the order of those, bounded.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OutstandingJobs, type OutstandingJob } from './outstanding.js'

const aJob = (id: string): OutstandingJob => ({ id, isAdded: () => true, waiters: new Set() })

test('a job is due after a second, then after pauses that double up to half a minute', () => {
  const jobs = new OutstandingJobs()
  jobs.add(aJob('j'), 0)
  const due: number[] = []
  for (let second = 0; second <= 120; second += 1)
    if (jobs.takeDue(second * 1000, 10).length > 0) due.push(second)
  assert.deepEqual(due, [1, 3, 7, 15, 30, 60, 90, 120])
})

test('a new job does not wait behind those that are due later', () => {
  const jobs = new OutstandingJobs()
  jobs.add(aJob('old'), 0)
  for (const second of [1, 3, 7]) jobs.takeDue(second * 1000, 10)
  jobs.add(aJob('new'), 7000)
  assert.deepEqual(jobs.takeDue(8000, 10), ['new'])
})

test('at most so many are taken, those that wait longest first', () => {
  const jobs = new OutstandingJobs()
  for (let i = 0; i < 5; i += 1) jobs.add(aJob(`${i}`), i)
  assert.deepEqual(
    [jobs.takeDue(2000, 2), jobs.takeDue(2000, 2), jobs.takeDue(2000, 2)],
    [['0', '1'], ['2', '3'], ['4']],
  )
})

test('a job that has ended is not looked for, and ends once', () => {
  const jobs = new OutstandingJobs()
  jobs.add(aJob('j'), 0)
  assert.equal(jobs.remove('j')?.id, 'j')
  assert.equal(jobs.remove('j'), undefined)
  assert.deepEqual([jobs.size, jobs.takeDue(5000, 10)], [0, []])
})

test('after a gap all are due at once', () => {
  const jobs = new OutstandingJobs()
  for (let i = 0; i < 3; i += 1) jobs.add(aJob(`${i}`), 0)
  jobs.takeDue(1000, 10)
  jobs.makeAllDue()
  assert.deepEqual(jobs.takeDue(1000, 10), ['0', '1', '2'])
})
