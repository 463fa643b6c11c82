// Promises of the look for missed answers: what has ended is heard, and one question that fails holds up no other.
import assert from 'node:assert/strict'
import { mock, test, type TestContext } from 'node:test'
import { failedResult, type JobResult } from '@cohort/contracts'
import { SILENT } from '@cohort/telemetry'
import type { LookUpNeeds } from '../batches/look-up.js'
import { lookForMissed } from './look-for-missed.js'
import { OutstandingJobs } from './outstanding.js'

const RESULT = failedResult('waited', { code: 'job_exhausted', detail: '' })

/** Jobs under way; `states[id]` is what the queue says of one, and those waited for have an answer. */
function looking(t: TestContext, states: Readonly<Record<string, string | Error>>) {
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.timers.reset())
  const outstanding = new OutstandingJobs()
  for (const id of ['waited', ...Object.keys(states)])
    outstanding.add(
      {
        id,
        isAdded: () => !id.startsWith('adding'),
        waiters: new Set(id === 'waited' ? ['a request'] : []),
      },
      0,
    )
  const read: string[] = []
  const needs = {
    store: {
      answers: {
        read: (ids: readonly string[]) => {
          read.push(...ids)
          return Promise.resolve(ids.map(() => RESULT))
        },
      },
    },
    queue: {
      state: (id: string) => {
        const state = states[id]
        return state instanceof Error ? Promise.reject(state) : Promise.resolve({ state })
      },
    },
  } as unknown as LookUpNeeds
  const heard: [string, JobResult | undefined][] = []
  const nowMs = () => 1000
  const look = lookForMissed({ ...needs, nowMs, log: SILENT }, outstanding, (...answer) => heard.push(answer))
  return { look, heard, read, tick: () => mock.timers.tick(500) }
}

const settle = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve()
}

test('an answer is read where somebody waits; of the others only the end is asked', async (t) => {
  const { look, heard, read, tick } = looking(t, { busy: 'active', done: 'gone', broken: 'failed' })
  tick()
  await settle()
  assert.deepEqual(heard, [
    ['waited', RESULT],
    ['done', undefined],
    ['broken', undefined],
  ])
  assert.deepEqual(read, ['waited'])
  look.stop()
})

test('a question that fails holds up no other, and the next look is made', async (t) => {
  const { look, heard, tick } = looking(t, { first: new Error('away'), done: 'gone' })
  tick()
  await settle()
  assert.deepEqual(
    heard.map(([id]) => id),
    ['waited', 'done'],
  )
  heard.length = 0
  look.all()
  await settle()
  assert.deepEqual(
    heard.map(([id]) => id),
    ['waited', 'done'],
  )
  look.stop()
})

test('a job that the queue does not have yet is not gone', async (t) => {
  const { look, heard, tick } = looking(t, { adding: 'gone', done: 'gone' })
  tick()
  await settle()
  assert.deepEqual(
    heard.map(([id]) => id),
    ['waited', 'done'],
  )
  look.stop()
})

test('once stopped it asks no more', async (t) => {
  const { look, heard, tick } = looking(t, {})
  look.stop()
  tick()
  await settle()
  assert.deepEqual(heard, [])
})
