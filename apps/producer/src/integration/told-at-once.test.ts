// Promises of a stream at the producer that took the batch: it asks Redis no sooner than told, and as its reader reads.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jobKey, openQueue, type StepQueue } from '@cohort/queue'
import { connect, openStore, type Store } from '@cohort/store'
import { nowMs, SILENT } from '@cohort/telemetry'
import { eventText } from '../batches/event-text.js'
import { batchEvents } from '../batches/events.js'
import { Watchers } from '../batches/watchers.js'
import { putOnQueue, type Flush } from '../steps/flush.js'
import { Notify } from '../steps/notify.js'
import { aFlush, CHANNEL as channel, NOBODY as observer } from './flushes.js'
import { startRedis, type TestRedis } from './support.js'

const log = SILENT
const present = new AbortController().signal

let server: TestRedis
let store: Store
let queue: StepQueue
let notify: Notify

before(async () => {
  server = await startRedis()
  store = openStore({ redis: server.redis, resultTtlSeconds: 60 })
  queue = openQueue({ redis: server.redis, sendOnce: server.redis, log })
  // Its clock stands still, so that it never looks for missed answers by itself.
  notify = await Notify.listen({ store, queue, channel, nowMs: () => 0, log, observer })
})
after(async () => {
  notify.close()
  await queue.close()
  await server.stop()
})

/** On the queue, which no worker takes from; its record. */
async function underWay(flush: Flush) {
  const added = notify.expect(flush, () => {})
  await putOnQueue({ store, queue, redisMs: 10_000 }, flush)
  added()
  // A flush of one batch.
  return { ...flush.records[0]!.record, marks: { arrived: nowMs(), admitted: nowMs(), added: nowMs() } }
}

const fail = (id: string | undefined) =>
  store.answers.fail({
    jobId: id ?? '',
    jobKey: jobKey(id ?? ''),
    channel,
    code: 'arena_full',
    detail: 'no room',
  })

test('an answer is told when it comes, without a look at a guess, and the end is the last', async (t) => {
  const flush = aFlush(20)
  const record = await underWay(flush)
  // No pause ever ends by itself.
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const events = batchEvents({ store, queue, notify, log, nowMs }, record, present)
  assert.equal((await events.next()).value, undefined)
  for (const job of [17, 0, 5, ...[...flush.jobs.keys()].filter((at) => ![17, 0, 5].includes(at))]) {
    const next = events.next()
    await fail(flush.jobs[job]?.id)
    let { value } = await next
    while (value === undefined) ({ value } = await events.next())
    assert.deepEqual(value.type === 'results' && [value.job, value.of, value.errors.length], [job, 20, 1])
  }
  const { value: last } = await events.next()
  assert.deepEqual(last, { type: 'end', batchId: flush.batch, status: 'failed' })
  assert.equal((await events.next()).done, true)
})

test('who reads slowly keeps results in Redis, and who goes keeps nothing', async () => {
  const flush = aFlush(40)
  const record = await underWay(flush)
  for (const { id } of flush.jobs) await fail(id)
  let asked = 0
  const counted: Store = {
    ...store,
    answers: { ...store.answers, read: (ids) => ((asked += ids.length), store.answers.read(ids)) },
  }
  const gone = new AbortController()
  const watchers = new Watchers()
  const events = batchEvents({ store: counted, queue, notify: watchers, log, nowMs }, record, gone.signal)
  await events.next()
  assert.equal(asked, 8)
  for (let read = 1; read < 20; read++) await events.next()
  assert.deepEqual([asked, watchers.size], [24, 40])
  gone.abort()
  assert.equal((await events.next()).done, true)
  assert.deepEqual([asked, watchers.size], [24, 0])
})

test('while Redis does not answer a stream waits, and goes on when it does', async () => {
  const flush = aFlush(1)
  const record = await underWay(flush)
  await fail(flush.jobs[0]?.id)
  const redis = connect(server.url, { name: 'test', onError: () => {}, commandMs: 20 })
  const impatient = openStore({ redis, resultTtlSeconds: 60 })
  await redis.ping()
  const events = batchEvents({ store: impatient, queue, notify, log, nowMs }, record, present)
  await server.redis.call('CLIENT', 'PAUSE', 1000)
  assert.deepEqual(await events.next(), { done: false, value: undefined })
  let { value } = await events.next()
  while (value === undefined) ({ value } = await events.next())
  assert.equal(value.type, 'results')
  await events.return(undefined)
  redis.disconnect()
})

test('a batch that is forgotten before it has ended has expired', async () => {
  const record = await underWay(aFlush(1))
  const longAgo = { ...record, marks: { ...record.marks, added: nowMs() - 24 * 3_600_000 } }
  const events = batchEvents({ store, queue, notify, log, nowMs }, longAgo, present)
  assert.deepEqual((await events.next()).value, { type: 'end', batchId: record.id, status: 'expired' })
})

test('where nothing is told for 15 seconds, a comment says that it goes on', async () => {
  const record = await underWay(aFlush(1))
  let ms = nowMs()
  const text = eventText({ store, queue, notify, log, nowMs: () => ms }, record, present)
  assert.match((await text.next()).value ?? '', /^retry: \d+\n\n$/)
  const next = text.next()
  ms += 15_000
  assert.match((await next).value ?? '', /^: .*\n\n$/)
  await text.return(undefined)
})
