// Promises of a stream at the producer that took the batch: it asks Redis no sooner than told, and as its reader reads.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BatchEvent } from '@cohort/contracts'
import { jobKey, openQueue, type StepQueue } from '@cohort/queue'
import { connect, openStore, type Store } from '@cohort/store'
import { nowMs, SILENT } from '@cohort/telemetry'
import { eventText } from '../batches/event-text.js'
import { batchEvents } from '../batches/events.js'
import { Turns } from '../batches/turns.js'
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

/** Those of one process. */
const needs = () => ({ store, queue, notify, log, nowMs, turns: new Turns() })

/** The event that a piece of the stream's text is. */
const eventIn = (text: string | undefined | void): BatchEvent =>
  JSON.parse(/^event: \w+\ndata: (.*)\n\n$/.exec(text ?? '')?.[1] ?? 'null') as BatchEvent

/** Counts what is asked of Redis: at most so much at once, and so much in all. */
function counting() {
  const counts = { read: 0, reads: 0, atOnce: 0, states: 0 }
  let under = 0
  const answers: Store['answers'] = {
    ...store.answers,
    areKept(ids) {
      counts.states = Math.max(counts.states, ids.length)
      return store.answers.areKept(ids)
    },
    async read(ids) {
      under += ids.length
      counts.read += ids.length
      counts.atOnce = Math.max(counts.atOnce, under)
      try {
        return await store.answers.read(ids)
      } finally {
        under -= ids.length
      }
    },
  }
  return { counts, store: { ...store, answers } }
}

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
  const events = batchEvents(needs(), record, present)
  assert.equal((await events.next()).value, undefined)
  for (const job of [17, 0, 5, ...[...flush.jobs.keys()].filter((at) => ![17, 0, 5].includes(at))]) {
    const next = events.next()
    await fail(flush.jobs[job]?.id)
    let { value } = await next
    while (value === undefined) ({ value } = await events.next())
    const told = eventIn(value)
    assert.deepEqual(told.type === 'results' && [told.job, told.of, told.errors.length], [job, 20, 1])
  }
  const { value: last } = await events.next()
  assert.deepEqual(eventIn(last), { type: 'end', batchId: flush.batch, status: 'failed' })
  assert.equal((await events.next()).done, true)
})

test('who reads slowly keeps results in Redis, and who goes keeps nothing', async () => {
  const flush = aFlush(40)
  const record = await underWay(flush)
  for (const { id } of flush.jobs) await fail(id)
  const counted = counting()
  const gone = new AbortController()
  const watchers = new Watchers()
  const events = batchEvents({ ...needs(), store: counted.store, notify: watchers }, record, gone.signal)
  for (let told = 1; told <= 20; told++) {
    await events.next()
    assert.equal(counted.counts.read, told)
  }
  assert.equal(watchers.size, 40)
  gone.abort()
  assert.equal((await events.next()).done, true)
  assert.deepEqual([counted.counts.read, watchers.size], [20, 0])
})

test('many who begin at once have few results read at once, and each of them its first event', async () => {
  const flush = aFlush(40)
  const record = await underWay(flush)
  for (const { id } of flush.jobs) await fail(id)
  const counted = counting()
  const shared = { ...needs(), store: counted.store }
  const all = Array.from({ length: 50 }, () => batchEvents(shared, record, present))
  const first = await Promise.all(all.map(async (events) => eventIn((await events.next()).value)))
  assert.ok(first.every((event) => event.type === 'results' && event.job === 0))
  assert.equal(counted.counts.read, 50)
  assert.ok(counted.counts.atOnce <= 4, `${counted.counts.atOnce} at once`)
  assert.ok(counted.counts.states <= 16, `${counted.counts.states} states in one go`)
  await Promise.all(all.map((events) => events.return(undefined)))
})

test('who has gone before its turn has nothing read, and leaves its turn to the next', async () => {
  const flush = aFlush(1)
  const record = await underWay(flush)
  await fail(flush.jobs[0]?.id)
  const counted = counting()
  const shared = { ...needs(), store: counted.store }
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  const holders = Array.from({ length: 8 }, () => shared.turns.take(() => held))
  const leaving = new AbortController()
  const [gone, next] = [leaving.signal, present].map((signal) => batchEvents(shared, record, signal).next())
  leaving.abort()
  release()
  await Promise.all(holders)
  assert.deepEqual(await gone, { done: true, value: undefined })
  assert.equal(eventIn((await next)?.value).type, 'results')
  assert.equal(counted.counts.read, 1)
})

test('a turn that fails is the next one’s', async () => {
  const turns = new Turns()
  const tries = Array.from({ length: 8 }, (_, i) => turns.take(() => Promise.reject(new Error(`${i}`))))
  const ends = await Promise.allSettled(tries)
  const why = ends.map((end) => end.status === 'rejected' && (end.reason as Error).message)
  assert.deepEqual(why.join(''), '01234567')
})

test('while Redis does not answer a stream waits, and goes on when it does', async () => {
  const flush = aFlush(1)
  const record = await underWay(flush)
  await fail(flush.jobs[0]?.id)
  const redis = connect(server.url, { name: 'test', onError: () => {}, commandMs: 20 })
  const impatient = openStore({ redis, resultTtlSeconds: 60 })
  await redis.ping()
  const events = batchEvents({ ...needs(), store: impatient }, record, present)
  await server.redis.call('CLIENT', 'PAUSE', 1000)
  assert.deepEqual(await events.next(), { done: false, value: undefined })
  let { value } = await events.next()
  while (value === undefined) ({ value } = await events.next())
  assert.equal(eventIn(value).type, 'results')
  await events.return(undefined)
  redis.disconnect()
})

test('a batch that is forgotten before it has ended has expired', async () => {
  const record = await underWay(aFlush(1))
  const longAgo = { ...record, marks: { ...record.marks, added: nowMs() - 24 * 3_600_000 } }
  const events = batchEvents(needs(), longAgo, present)
  const end = { type: 'end', batchId: record.id, status: 'expired' }
  assert.deepEqual(eventIn((await events.next()).value), end)
})

test('where nothing is told for 15 seconds, a comment says that it goes on', async () => {
  const record = await underWay(aFlush(1))
  let ms = nowMs()
  const text = eventText({ ...needs(), nowMs: () => ms }, record, present)
  assert.match((await text.next()).value ?? '', /^retry: \d+\n\n$/)
  const next = text.next()
  ms += 15_000
  assert.match((await next).value ?? '', /^: .*\n\n$/)
  await text.return(undefined)
})
