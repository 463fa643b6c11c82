// What an answer promises: it reaches its producer, by message or where it is stored, and there is one.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { JobResult } from '@cohort/contracts'
import type { Subscription } from './answers.js'
import { INLINE_RESULT_BYTES } from './blocks/commit.js'
import { keys } from './keys.js'
import type { PopulationRecord } from './population/record.js'
import { openStore, type Store } from './store.js'
import {
  addJob,
  aPopulation,
  CHANNEL,
  commit,
  load,
  partOf,
  removeJob,
  runJob,
  type TestJob,
} from './testing/agents.js'
import { startTestRedis, type TestRedis } from './testing/redis.js'

type Answer = readonly [jobId: string, result: JobResult | undefined]

let server: TestRedis
let store: Store
let swarm: PopulationRecord
let listening: Subscription
let onGap = () => {}
let seen: Answer[] = []
let waiting: ((answer: Answer) => void)[] = []

/** The next answer that is published. */
const nextAnswer = () => new Promise<Answer>((resolve) => waiting.push(resolve))

before(async () => {
  server = await startTestRedis()
  store = openStore({ redis: server.redis, resultTtlSeconds: 60 })
  const onAnswer = (...answer: Answer) => {
    seen.push(answer)
    waiting.shift()?.(answer)
  }
  listening = await store.answers.subscribe(CHANNEL, onAnswer, () => onGap())
})
after(async () => {
  listening.close()
  await server.stop()
})
beforeEach(async () => {
  await server.redis.flushall()
  swarm = await aPopulation(store, 'swarm', 10)
  ;[seen, waiting] = [[], []]
})

const failure = ({ jobId, jobKey }: TestJob) =>
  ({ jobId, jobKey, channel: CHANNEL, code: 'invalid_job', detail: 'garbage' }) as const

test('a result is published with the commit', async () => {
  const job = await addJob(server.redis, 1)
  const [[jobId, result]] = await Promise.all([nextAnswer(), runJob(store, job, [partOf(swarm, 0)])])
  assert.equal(jobId, job.jobId)
  assert.deepEqual(result, JSON.parse(job.result))
})

test('a message that was missed is read where it is stored', async () => {
  const job = await addJob(server.redis, 1)
  await runJob(store, job, [partOf(swarm, 0)])
  const results = await store.answers.read(['j-0', job.jobId])
  assert.deepEqual(results, [undefined, JSON.parse(job.result)])
})

test('many results are read in the order in which they were asked for', async () => {
  const jobs = await Promise.all(Array.from({ length: 40 }, (_, i) => addJob(server.redis, i)))
  for (const job of jobs) await runJob(store, job, [partOf(swarm, 0, [job.number % 10])])
  const results = await store.answers.read(jobs.map(({ jobId }) => jobId))
  assert.deepEqual(
    results.map((result) => result?.jobId),
    jobs.map(({ jobId }) => jobId),
  )
})

test('a result too large for a message is announced and read', async () => {
  const job = await addJob(server.redis, 1)
  const large = JSON.stringify({
    ...JSON.parse(job.result),
    columns: { vfe: Array(INLINE_RESULT_BYTES / 2).fill(0) },
  })
  assert.ok(large.length > INLINE_RESULT_BYTES)
  const raw = server.connect()
  const message = new Promise<string>((resolve) => raw.once('message', (_, text) => resolve(text)))
  await raw.subscribe(CHANNEL)
  const [[jobId, result]] = await Promise.all([
    nextAnswer(),
    runJob(store, { ...job, result: large }, [partOf(swarm, 0)]),
  ])
  assert.equal(jobId, job.jobId)
  assert.deepEqual(result, JSON.parse(large))
  raw.disconnect()
  assert.equal((await message).slice(0, 200), JSON.stringify({ v: 1, jobId: job.jobId, stored: true }))
})

test('a second delivery publishes the first one’s result again', async () => {
  const job = await addJob(server.redis, 1)
  await runJob(store, job, [partOf(swarm, 0)])
  const again = { ...job, result: JSON.stringify({ ...JSON.parse(job.result), columns: { vfe: [1] } }) }
  seen = []
  const [[, result], { outcome }] = await Promise.all([
    nextAnswer(),
    runJob(store, again, [partOf(swarm, 0)]),
  ])
  assert.equal(outcome, 'already')
  assert.deepEqual(result, JSON.parse(job.result))
})

test('a second delivery whose result is forgotten says so, and steps nothing', async () => {
  const job = await addJob(server.redis, 1)
  await runJob(store, job, [partOf(swarm, 0)])
  await server.redis.del(keys.result(job.jobId))
  const [answer, { outcome }] = await Promise.all([nextAnswer(), runJob(store, job, [partOf(swarm, 0)])])
  assert.deepEqual([outcome, answer], ['already', [job.jobId, undefined]])
  assert.deepEqual(await store.populations.steps('swarm'), { total: 10, min: 1, max: 1 })
})

test('a failure is stored and published', async () => {
  const job = await addJob(server.redis, 1)
  const [[, result], outcome] = await Promise.all([nextAnswer(), store.answers.fail(failure(job))])
  assert.equal(outcome, 'done')
  assert.deepEqual(result, { v: 1, jobId: job.jobId, ok: false, code: 'invalid_job', detail: 'garbage' })
  assert.deepEqual(await store.answers.read([job.jobId]), [result])
})

test('a failure does not take the place of a result', async () => {
  const job = await addJob(server.redis, 1)
  await runJob(store, job, [partOf(swarm, 0)])
  seen = []
  const [[, result], outcome] = await Promise.all([nextAnswer(), store.answers.fail(failure(job))])
  assert.equal(outcome, 'already')
  assert.deepEqual(
    [result, ...(await store.answers.read([job.jobId]))],
    Array(2).fill(JSON.parse(job.result)),
  )
})

test('a job that was answered as failed is not applied by a worker that comes late', async () => {
  const job = await addJob(server.redis, 1)
  const loaded = await load(store, [partOf(swarm, 0)])
  await store.answers.fail(failure(job))
  assert.deepEqual(await commit(store, job, loaded), { outcome: 'already' })
  assert.deepEqual(await store.populations.steps('swarm'), { total: 0, min: 0, max: 0 })
})

test('a job that was removed has no failure either', async () => {
  const job = await addJob(server.redis, 1)
  await removeJob(server.redis, job)
  assert.equal(await store.answers.fail(failure(job)), 'gone')
  assert.deepEqual(await store.answers.read([job.jobId]), [undefined])
})

test('a stored result that is damaged is a failed answer, and the others are read', async () => {
  await server.redis.mset(keys.result('j-1'), '{"v":1', keys.result('j-2'), '{"v":1,"jobId":"j-3","ok":true}')
  const job = await addJob(server.redis, 3)
  await runJob(store, job, [partOf(swarm, 0)])
  const results = await store.answers.read(['j-1', 'j-2', job.jobId])
  assert.deepEqual(
    results.map((result) => result?.ok),
    [false, false, true],
  )
})

test('an answer that is not whole is none, stored or as a message: nobody who waits for it is misled', async () => {
  const whole = { v: 1, jobId: 'j-1', ok: true, columns: {}, errors: [], marks: {} }
  const parts = [
    { errors: undefined },
    { errors: 'none' },
    { errors: [null] },
    { columns: null },
    { marks: 7 },
  ]
  const kinds = [{ ok: 'yes' }, { ok: false }, { ok: false, code: 'invalid_job' }, { v: 2 }, { jobId: 1 }]
  const halves = [...parts, ...kinds].map((change) => JSON.stringify({ ...whole, ...change }))
  for (const half of [...halves, '{"v":1,"jobId":"j-1","stored":"yes"}']) {
    const reported = new Promise((resolve) => server.redis.once('error', resolve))
    await server.redis.publish(CHANNEL, half)
    assert.match(String(await reported), /not an answer/, half)
    await server.redis.set(keys.result('j-1'), half)
    const [result] = await store.answers.read(['j-1'])
    assert.equal(result?.ok === false && result.code, 'corrupt_record', half)
  }
  assert.deepEqual(seen, [])
  await server.redis.set(keys.result('j-1'), JSON.stringify(whole))
  assert.deepEqual(await store.answers.read(['j-1']), [whole])
})

test('whether a result is kept is told without reading it', async () => {
  await server.redis.set(keys.result('j-1'), 'garbage')
  assert.deepEqual(await store.answers.areKept(['j-0', 'j-1', 'j-2']), [false, true, false])
  assert.deepEqual(await store.answers.areKept([]), [])
})

test('a message that is no answer is reported, and the next is heard', async () => {
  const reported = new Promise((resolve) => server.redis.once('error', resolve))
  await server.redis.publish(CHANNEL, 'garbage')
  assert.ok((await reported) instanceof Error)
  const job = await addJob(server.redis, 1)
  const [[jobId]] = await Promise.all([nextAnswer(), runJob(store, job, [partOf(swarm, 0)])])
  assert.equal(jobId, job.jobId)
})

test('a subscription that was cut stands again, and says that it may have missed something', async () => {
  const gap = new Promise<void>((resolve) => (onGap = resolve))
  assert.equal(await server.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub'), 1)
  await gap
  const job = await addJob(server.redis, 1)
  const [[jobId]] = await Promise.all([nextAnswer(), runJob(store, job, [partOf(swarm, 0)])])
  assert.equal(jobId, job.jobId)
})
