// Promises of readiness: a process that stops or has lost Redis says so before it takes anything.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '@cohort/store'
import { Readiness } from './readiness.js'

const workers = (list: () => Promise<object[]>) => ({ workers: { list } }) as unknown as Store
const one = workers(() => Promise.resolve([{}]))

test('with Redis and a worker it is ready and refuses nothing', async () => {
  const readiness = new Readiness({ status: 'ready' }, one)
  readiness.refuseUnready()
  assert.deepEqual(await readiness.look(), { workers: 1, missing: [] })
})

test('once it stops it takes nothing new, and is not ready', async () => {
  const readiness = new Readiness({ status: 'ready' }, one)
  readiness.stop()
  assert.throws(() => readiness.refuseUnready(), { code: 'not_ready' })
  assert.deepEqual(
    (await readiness.look()).missing.map(({ path }) => path),
    ['producer'],
  )
})

test('while the connection is lost it refuses, and says what is missing', async () => {
  const readiness = new Readiness(
    { status: 'reconnecting' },
    workers(() => Promise.reject(new Error('no connection'))),
  )
  assert.throws(() => readiness.refuseUnready(), { code: 'redis_unavailable' })
  const [missing] = (await readiness.look()).missing
  assert.deepEqual([missing?.path, missing?.message], ['redis', 'is not reached (no connection)'])
})
