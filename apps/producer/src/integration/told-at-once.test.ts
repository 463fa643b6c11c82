// Promises of a stream at the producer that took the batch: it asks Redis no sooner than told, and as its reader reads.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BatchEvent } from '@cohort/contracts'
import { jobKey } from '@cohort/queue'
import { connect, openStore, type Store } from '@cohort/store'
import { nowMs, SILENT } from '@cohort/telemetry'
import { eventText } from '../batches/event-text.js'
import { batchEvents } from '../batches/events.js'
import { Turns } from '../batches/turns.js'
import { Watchers } from '../batches/watchers.js'
import { putOnQueue, type Flush } from '../steps/flush.js'
import { aFlush, CHANNEL as channel, startNotify } from './flushes.js'

const log = SILENT
const present = new AbortController().signal

// Its clock stands still, so that it never looks for missed answers by itself.
const { server, store, queue, notify } = await startNotify(() => 0)

/** Those of one process. */
const needs = () => ({ store, queue, notify, log, nowMs, turns: new Turns() })

/** At a producer that did not take the batch. */
const elsewhere = (watchers = new Watchers()) => ({
  watch: (...args: Parameters<Watchers['watch']>) => watchers.watch(...args),
  isAwaited: () => false,
})

/** The event that a piece of the stream's text is. */
const eventIn = (text: string | Uint8Array | undefined | void): BatchEvent =>
  JSON.parse(/^event: \w+\ndata: (.*)\n\n$/.exec(String(text))?.[1] ?? 'null') as BatchEvent

/** Counts what is asked of Redis: at most so much at once, and so much in all. */
function counting() {
  const counts = { read: 0, atOnce: 0, states: 0, looks: 0 }
  let under = 0
  const answers: Store['answers'] = {
    ...store.answers,
    areKept(ids) {
      counts.looks += 1
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
  for (const job of [17, 0, 5, ...[...flush.jobs.keys()].filter((at) => ![17, 0, 5].includes(at))]) {
    const next = events.next()
    await fail(flush.jobs[job]?.id)
    const { value } = await next
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
  const shared = { ...needs(), store: counted.store, notify: elsewhere(watchers) }
  const events = batchEvents(shared, record, gone.signal)
  for (let told = 1; told <= 20; told++) {
    await events.next()
    assert.equal(counted.counts.read, told)
    const { heldBytes } = shared.turns
    assert.ok(heldBytes > 0 && heldBytes < 1000, `${heldBytes} bytes: the text of the last event alone`)
  }
  assert.equal(watchers.size, 40)
  gone.abort()
  assert.equal((await events.next()).done, true)
  assert.deepEqual([counted.counts.read, watchers.size, shared.turns.heldBytes], [20, 0, 0])
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
  let unanswered = 0
  const patient = { ...log, debug: () => void (unanswered += 1) }
  const shared = { ...needs(), notify: elsewhere(), store: impatient, log: patient }
  const events = batchEvents(shared, record, present)
  await server.redis.call('CLIENT', 'PAUSE', 1000)
  assert.equal(eventIn((await events.next()).value).type, 'results')
  assert.ok(unanswered > 0)
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

test('of a batch of its own it asks Redis nothing before it is told', async (t) => {
  const flush = aFlush(2)
  const record = await underWay(flush)
  const counted = counting()
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const events = batchEvents({ ...needs(), store: counted.store }, record, present)
  const next = events.next()
  for (let seconds = 0; seconds < 3600; seconds++) {
    t.mock.timers.tick(1000)
    await Promise.resolve()
  }
  assert.equal(counted.counts.looks, 0)
  await fail(flush.jobs[1]?.id)
  assert.equal(eventIn((await next).value).type, 'results')
  assert.equal(counted.counts.looks, 1)
  await events.return(undefined)
})

test('where it learns that it will not be told, it asks', async () => {
  const flush = aFlush(1)
  const record = await underWay(flush)
  const next = batchEvents(needs(), record, present).next()
  notify.forget(flush)
  await fail(flush.jobs[0]?.id)
  assert.equal(eventIn((await next).value).type, 'results')
})

test('where nothing is told for 15 seconds, a comment says that it goes on', async (t) => {
  const flush = aFlush(1)
  const record = await underWay(flush)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const text = eventText(needs(), record, present)
  assert.match(String((await text.next()).value), /^retry: \d+\n\n$/)
  for (let comments = 0; comments < 3; comments++) {
    const next = text.next()
    t.mock.timers.tick(15_000)
    assert.match(String((await next).value), /^: .*\n\n$/)
  }
  const next = text.next()
  await fail(flush.jobs[0]?.id)
  assert.equal(eventIn((await next).value).type, 'results')
  await text.return(undefined)
})

test('so it is while a stream waits for its turn', async (t) => {
  const flush = aFlush(1)
  const record = await underWay(flush)
  await fail(flush.jobs[0]?.id)
  const shared = { ...needs(), notify: elsewhere() }
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  const holders = [1, 2].map(() => shared.turns.take(() => held))
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const text = eventText(shared, record, present)
  await text.next()
  const next = text.next()
  while (shared.turns.waiting === 0) await new Promise(setImmediate)
  t.mock.timers.tick(15_000)
  assert.match(String((await next).value), /^: .*\n\n$/)
  release()
  await Promise.all(holders)
  assert.equal(eventIn((await text.next()).value).type, 'results')
  await text.return(undefined)
})
