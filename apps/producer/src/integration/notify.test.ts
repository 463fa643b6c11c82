// Promises to those who wait: each is answered once, and who has gone or given up leaves nothing behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jobKey } from '@cohort/queue'
import { nowMs, SILENT } from '@cohort/telemetry'
import { putOnQueue } from '../steps/flush.js'
import { Notify } from '../steps/notify.js'
import { aFlush, CHANNEL as channel, NOBODY as observer, startNotify } from './flushes.js'

const log = SILENT
const present = new AbortController().signal

const { server, store, queue, notify } = await startNotify()

const fail = (id: string) =>
  store.answers.fail({ jobId: id, jobKey: jobKey(id), channel, code: 'arena_full', detail: 'no room' })

test('a batch of many jobs is answered when the last of them is, and each job ends once', async () => {
  const flush = aFlush(20)
  const ended: number[] = []
  notify.expect(flush, (steps) => ended.push(steps))
  await putOnQueue({ store, queue, redisMs: 10_000 }, flush)
  const answer = notify.wait(flush.batch, nowMs() + 30_000, present)
  // Twice, and before the queue's own end of the job: as after a stalled worker.
  for (const { id } of [...flush.jobs, ...flush.jobs]) await fail(id)
  const batch = await answer
  assert.ok(typeof batch === 'object')
  assert.deepEqual([batch.status, batch.errors.length, ended.length], ['failed', 20, 20])
  assert.deepEqual(notify.outstanding, { jobs: 0, requests: 0 })
})

test('an answer that is faster than the waiting is not lost', async () => {
  const flush = aFlush(1)
  notify.expect(flush, () => {})
  await putOnQueue({ store, queue, redisMs: 10_000 }, flush)
  for (const { id } of flush.jobs) await fail(id)
  while (notify.outstanding.jobs > 0) await server.redis.ping()
  assert.equal(typeof (await notify.wait(flush.batch, nowMs(), present)), 'object')
  assert.equal(notify.outstanding.requests, 0)
})

test('who gives up, has gone, or waited long enough leaves nothing behind but the job', async () => {
  const gone = AbortSignal.abort()
  const leaving = new AbortController()
  const flushes = [aFlush(2), aFlush(2), aFlush(2)]
  for (const flush of flushes) notify.expect(flush, () => {})
  const waits = flushes.map(({ batch }, i) =>
    notify.wait(batch, nowMs() + (i === 0 ? 5 : 30_000), [present, gone, leaving.signal][i] ?? present),
  )
  leaving.abort()
  assert.deepEqual(await Promise.all(waits), ['queued', 'queued', 'queued'])
  assert.deepEqual(notify.outstanding, { jobs: 6, requests: 0 })
  for (const flush of flushes) notify.forget(flush)
  assert.deepEqual(notify.outstanding, { jobs: 0, requests: 0 })
})

test('jobs that the queue did not take end with the refusal', () => {
  const flush = aFlush(3)
  let ended = 0
  notify.expect(flush, (steps) => (ended += steps))
  notify.forget(flush)
  assert.deepEqual([ended, notify.outstanding], [3, { jobs: 0, requests: 0 }])
})

test('a connection that was cut finds at once what was said meanwhile', async () => {
  // Its clock stands still, so that it never looks by itself.
  const other = await Notify.listen({ store, queue, channel, nowMs: () => 0, log, observer })
  const flush = aFlush(1)
  other.expect(flush, () => {})
  await putOnQueue({ store, queue, redisMs: 10_000 }, flush)
  const answer = other.wait(flush.batch, 30_000, present)
  for (const { id } of flush.jobs)
    await store.answers.fail({
      jobId: id,
      jobKey: jobKey(id),
      channel: 'elsewhere',
      code: 'arena_full',
      detail: '',
    })
  await server.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  assert.equal(typeof (await answer), 'object')
  other.close()
})

test('when the process stops, nobody is kept waiting, now or later', async () => {
  const [early, late] = [aFlush(1), aFlush(1)]
  for (const flush of [early, late]) notify.expect(flush, () => {})
  const waiting = notify.wait(early.batch, nowMs() + 30_000, present)
  notify.release()
  assert.equal(await waiting, 'queued')
  assert.equal(await notify.wait(late.batch, nowMs() + 30_000, present), 'queued')
})
