// leg: queue. What is promised of the pressure: every job that is not done is counted, and the oldest is told.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { until } from './testing/own-redis.js'
import { anyJob, ownQueue } from './testing/setup.js'

const limit = { timeout: 20_000 }
const { own, steps, consume } = await ownQueue()

const NONE = { waiting: 0, prioritized: 0, delayed: 0, active: 0 }
/** Added so long ago, by the clock of whoever added it. */
const addedAgo = (ms: number, more: object = {}) => ({ timestamp: Date.now() - ms, ...more })
/** `from` ms, and what the test took meanwhile. */
async function assertOldest(from: number): Promise<void> {
  const { oldestMs } = await steps.pressure()
  assert.ok(oldestMs >= from && oldestMs < from + 60_000, `${oldestMs} instead of ${from}`)
}

const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

test('the script was read again when BullMQ changed, whose keys and scores it reads', () => {
  const { dependencies } = JSON.parse(textOf('../package.json')) as { dependencies: { bullmq: string } }
  const [, read] = /BullMQ (\S+) keeps/.exec(textOf('../src/scripts/pressure.lua')) ?? []
  assert.equal(read, dependencies.bullmq)
})

test('an empty queue has no pressure', limit, async () => {
  assert.deepEqual(await steps.pressure(), { jobs: 0, byState: NONE, oldestMs: 0 })
})

test('of those that wait in a row, the one that was added first is the oldest', limit, async () => {
  await own.queue.add('steps', {}, { jobId: 'first', ...addedAgo(500_000) })
  await own.queue.add('steps', {}, { jobId: 'second', ...addedAgo(100_000) })
  await steps.enqueue([anyJob('third')])
  const { jobs, byState } = await steps.pressure()
  assert.deepEqual([jobs, byState], [3, { ...NONE, waiting: 3 }])
  await assertOldest(500_000)
})

test('one of a low priority may be the oldest', limit, async () => {
  await own.queue.add('steps', {}, { jobId: 'low', priority: 90, ...addedAgo(900_000) })
  await own.queue.add('steps', {}, { jobId: 'low-too', priority: 90, ...addedAgo(100_000) })
  for (let priority = 1; priority < 9; priority++)
    await own.queue.add('steps', {}, { jobId: `p-${priority}`, priority, ...addedAgo(priority * 1000) })
  assert.deepEqual((await steps.pressure()).byState, { ...NONE, prioritized: 10 })
  await assertOldest(900_000)
})

test('a job that is put off does not wait, until its time has come and no worker', limit, async () => {
  await own.queue.add('steps', {}, { jobId: 'later', delay: 3_600_000, ...addedAgo(1000) })
  assert.deepEqual(await steps.pressure(), { jobs: 1, byState: { ...NONE, delayed: 1 }, oldestMs: 0 })
  await own.queue.add('steps', {}, { jobId: 'due', delay: 100_000, ...addedAgo(400_000) })
  await assertOldest(300_000)
})

test('a job in a worker’s hands is active, and waits no more', limit, async (t) => {
  const hold = Promise.withResolvers<void>()
  const { consumer, runs } = await consume(t, () => hold.promise)
  await own.queue.add('steps', {}, { jobId: 'held', ...addedAgo(500_000) })
  await until(() => runs.length === 1)
  assert.deepEqual(await steps.pressure(), { jobs: 1, byState: { ...NONE, active: 1 }, oldestMs: 0 })
  hold.resolve()
  await until(async () => (await steps.pressure()).jobs === 0)
  await consumer.close({ deadlineMs: 1000 })
})

test(
  'a clock that is ahead makes nobody younger than nothing, and a job without a record counts',
  limit,
  async () => {
    await own.queue.add('steps', {}, { jobId: 'ahead', ...addedAgo(-500_000) })
    assert.equal((await steps.pressure()).oldestMs, 0)
    await own.call("return redis.call('RPUSH', '{s0}:steps:wait', 'no-hash')")
    const { jobs, oldestMs } = await steps.pressure()
    assert.deepEqual([jobs, oldestMs], [2, 0])
  },
)
