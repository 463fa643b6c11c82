// leg: queue. What is promised of adding jobs and of closing: once each, bounded memory, nothing in hand is lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KEPT_EVENTS, jobKey } from './queues.js'
import { until } from './testing/own-redis.js'
import { anyJob, ownQueue, silent } from './testing/setup.js'

const limit = { timeout: 20_000 }
const { own, steps, consume } = await ownQueue()

test('a job lies where the commit script looks for it', limit, async () => {
  await steps.enqueue([anyJob('here')])
  assert.equal(jobKey('here'), '{s0}:steps:here')
  assert.equal(await own.client.hget(jobKey('here'), 'data'), '{"v":1}')
})

test('an id that is on the queue is not added again', limit, async (t) => {
  const hold = Promise.withResolvers<void>()
  await steps.enqueue([anyJob('once'), anyJob('once')])
  await steps.enqueue([anyJob('once')])
  assert.equal((await steps.pressure()).jobs, 1)
  const { consumer: started, runs } = await consume(t, () => hold.promise)
  await until(() => runs.length === 1)
  await steps.enqueue([anyJob('once'), anyJob('other')])
  await until(() => runs.length === 2)
  hold.resolve()
  await until(async () => (await steps.pressure()).jobs === 0)
  await started.close({ deadlineMs: 1000 })
  assert.deepEqual(runs, ['once', 'other'])
})

test('a job’s state can be asked of any process', limit, async (t) => {
  const hold = Promise.withResolvers<void>()
  await steps.enqueue([anyJob('a')])
  assert.deepEqual(await steps.state('a'), { state: 'queued' })
  const { consumer: started, runs } = await consume(t, () => hold.promise)
  await until(() => runs.length === 1)
  assert.deepEqual(await steps.state('a'), { state: 'active' })
  hold.resolve()
  await started.close({ deadlineMs: 1000 })
  assert.deepEqual(await steps.state('a'), { state: 'gone' })
})

test('a failed job whose answer could not be given keeps its reason', limit, async (t) => {
  const errors: string[] = []
  const log = { ...silent, error: (message: string) => errors.push(message) }
  const onFailed = async () => Promise.reject(new Error('Redis went away'))
  const { consumer: started } = await consume(t, async () => JSON.parse('{'), { onFailed, log })
  await steps.enqueue([anyJob('untold')])
  await until(() => errors.length > 0)
  const state = await steps.state('untold')
  assert.equal(state.state === 'failed' && state.code, 'internal')
  await started.close({ deadlineMs: 1000 })
})

test('closing takes no more and waits for the job in hand', limit, async (t) => {
  const hold = Promise.withResolvers<void>()
  const { consumer: started, runs } = await consume(t, () => hold.promise)
  await steps.enqueue([anyJob('in-hand')])
  await until(() => started.active === 1)
  const closing = started.close({ deadlineMs: 15_000 })
  assert.equal(started.close({ deadlineMs: 1 }), closing)
  await steps.enqueue([anyJob('too-late')])
  hold.resolve()
  assert.deepEqual(await closing, { abandoned: 0 })
  assert.deepEqual(runs, ['in-hand'])
  assert.deepEqual(await steps.state('in-hand'), { state: 'gone' })
  assert.deepEqual(await steps.state('too-late'), { state: 'queued' })
})

test('past the deadline a job in hand goes to another worker at once', limit, async (t) => {
  const slow = { lockMs: 60_000, stalledCheckMs: 60_000, startsAtMost: 10 }
  const hold = Promise.withResolvers<void>()
  const first = await consume(t, () => hold.promise, { recovery: slow })
  await steps.enqueue([anyJob('stuck')])
  await until(() => first.consumer.active === 1)
  assert.deepEqual(await first.consumer.close({ deadlineMs: 10 }), { abandoned: 1 })
  const second = await consume(t, async () => {}, { recovery: slow })
  await until(async () => (await steps.state('stuck')).state === 'gone')
  assert.deepEqual(second.runs, ['stuck'])
  hold.resolve()
  await second.consumer.close({ deadlineMs: 1000 })
  assert.deepEqual([first.failures, second.failures], [[], []])
})

test('what BullMQ notes of a thousand jobs does not stay in memory', limit, async (t) => {
  const { consumer: started, runs } = await consume(t, async () => {})
  await steps.enqueue(Array.from({ length: 1000 }, (_, at) => anyJob(`j-${at}`)))
  await until(async () => runs.length === 1000 && (await steps.pressure()).jobs === 0)
  await started.close({ deadlineMs: 1000 })
  const events = await own.call("return redis.call('XLEN', '{s0}:steps:events')")
  // Streams are trimmed by whole nodes of a hundred.
  assert.ok(Number(events) <= KEPT_EVENTS + 300, `${String(events)} events`)
  assert.deepEqual(await own.call(`return redis.call('KEYS', '${jobKey('j-*')}')`), [])
})
