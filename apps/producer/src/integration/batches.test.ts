// Promises of batches: any producer answers for them, a key stands for one, a missed message loses nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Batch, BatchAccepted, Population } from '@cohort/contracts'
import { jobKey } from '@cohort/queue'
import { openStore } from '@cohort/store'
import { call, makePopulation, postSteps, readEnded, type ProblemBody } from './calls.js'
import { aProducer, startSystem } from './support.js'

const { server, producer, addProducer, addWorker } = await startSystem()
const other = await addProducer()
const worker = await addWorker()
await makePopulation(producer.url, 'p', 1000)

/** While the worker sleeps, jobs stay on the queue: it falls asleep with nothing in hand. */
async function whileAsleep<T>(run: () => Promise<T>): Promise<T> {
  for (;;) {
    const [wait, active] = await Promise.all(
      ['wait', 'active'].map((list) => server.redis.llen(`{s0}:steps:${list}`)),
    )
    if (wait === 0 && active === 0) break
  }
  worker.process.kill('SIGSTOP')
  try {
    return await run()
  } finally {
    worker.process.kill('SIGCONT')
  }
}

const WAIT = { waitMs: 30_000 }
const total = async () => (await call<Population>('GET', `${other.url}/v1/populations/p`)).body.steps.total
const keyed = (key: string) => ({ 'idempotency-key': key })

test('a batch is read from another producer, and from one started after its own had stopped', async () => {
  const own = await aProducer(server.url)
  const { body } = await postSteps<BatchAccepted>(own.url, {
    population: 'p',
    agents: [5, 1],
    observations: [[0, 1]],
  })
  const there = await readEnded(other.url, body.batchId)
  assert.deepEqual([there.status, there.results?.agents], ['completed', [5, 1]])
  await own.stop()
  const restarted = await aProducer(server.url)
  const { body: again } = await call<Batch>('GET', `${restarted.url}/v1/batches/${body.batchId}`)
  assert.deepEqual(again, there)
  await restarted.stop()
})

test('a wait that runs out answers 202, and the batch goes on', async () => {
  const { status, body } = await whileAsleep(() =>
    postSteps<BatchAccepted>(producer.url, { population: 'p', agents: [9], observations: [[0]], waitMs: 20 }),
  )
  assert.deepEqual([status, body.status], [202, 'queued'])
  assert.equal((await readEnded(other.url, body.batchId)).status, 'completed')
})

test('the same key and request twice is one batch, from any producer, waiting or not', async () => {
  const was = await total()
  const request = { population: 'p', agents: [20, 10], observations: [[0, 1]] }
  const first = await postSteps(producer.url, { ...request, ...WAIT }, keyed('same'))
  const again = await postSteps(other.url, { ...request, ...WAIT }, keyed('same'))
  assert.deepEqual(
    [again.status, again.body.batchId, again.body.results],
    [200, first.body.batchId, first.body.results],
  )
  const queued = await postSteps<BatchAccepted>(other.url, request, keyed('same'))
  assert.deepEqual([queued.status, queued.body.batchId], [202, first.body.batchId])
  assert.equal(await total(), was + 2)
})

test('many requests with one key at the same time are one batch', async () => {
  const was = await total()
  const request = { population: 'p', agents: [30], observations: [[0]], ...WAIT }
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      postSteps<{ batchId?: string; code?: string }>(
        [producer, other][i % 2]?.url ?? '',
        request,
        keyed('rush'),
      ),
    ),
  )
  const answered = replies.filter(({ status }) => status === 200)
  assert.equal(new Set(answered.map(({ body }) => body.batchId)).size, 1)
  // Those that came before the first one was queued are told to come again.
  assert.ok(replies.every(({ status, body }) => status === 200 || body.code === 'key_in_progress'))
  assert.equal(await total(), was + 1)
})

test('a key with another request is refused; under another population it is another key', async () => {
  await makePopulation(producer.url, 'q', 40)
  const request = { population: 'p', agents: [40], observations: [[0]], ...WAIT }
  assert.equal((await postSteps(producer.url, request, keyed('mine'))).status, 200)
  for (const change of [{ agents: [41] }, { observations: [[1]] }, { t: 1 }, { return: ['vfe'] }]) {
    const { status, body } = await postSteps<ProblemBody>(other.url, { ...request, ...change }, keyed('mine'))
    assert.deepEqual([status, body.code], [409, 'key_reused'], JSON.stringify(change))
  }
  assert.equal(
    (await postSteps(other.url, { ...request, population: 'q', agents: [4] }, keyed('mine'))).status,
    200,
  )
})

test('a key whose producer died before the queue had its steps is free after a while', async () => {
  const was = await total()
  const request = { population: 'p', agents: [50], observations: [[0]], ...WAIT }
  const done = await postSteps(producer.url, request, keyed('abandoned'))
  // As its producer would have left it: claimed, and no more.
  const claim = await claimOf(done.body.batchId)
  await server.redis.hset(claim, { batch: 'b-00000000-0000-0000-0000-000000000000' })
  const early = await postSteps<ProblemBody>(producer.url, request, keyed('abandoned'))
  assert.deepEqual(
    [early.status, early.body.code, early.headers.get('retry-after')],
    [409, 'key_in_progress', '1'],
  )
  await server.redis.hset(claim, { at: Date.now() - 31_000 })
  const late = await postSteps(producer.url, request, keyed('abandoned'))
  assert.deepEqual([late.status, late.body.status], [200, 'completed'])
  assert.equal(await total(), was + 2)
})

async function claimOf(batchId: string): Promise<string> {
  for (const key of await server.redis.keys('{s0}:i:*'))
    if ((await server.redis.hget(key, 'batch')) === batchId) return key
  throw new Error(`no claim of ${batchId}`)
}

test('a key whose batch has a record finds it, however old its claim is', async () => {
  const was = await total()
  const request = { population: 'p', agents: [51], observations: [[0]], ...WAIT }
  const done = await postSteps(producer.url, request, keyed('old'))
  const claim = await claimOf(done.body.batchId)
  await server.redis.hset(claim, { at: 0 })
  const again = await postSteps(other.url, request, keyed('old'))
  assert.deepEqual([again.status, again.body.batchId], [200, done.body.batchId])
  assert.equal(await total(), was + 1)
})

/** The one job that is on the queue, once it is there. */
async function queuedJob(): Promise<string> {
  for (;;) {
    const [id] = await server.redis.lrange('{s0}:steps:wait', 0, -1)
    if (id !== undefined) return id
  }
}

const waitFor = (agent: number) =>
  postSteps(producer.url, { population: 'p', agents: [agent], observations: [[0]], ...WAIT })
const codes = ({ errors = [] }: Batch) => errors.map(({ code }) => code)

test('an answer whose message was missed is found', async () => {
  await whileAsleep(async () => {
    const reply = waitFor(60)
    const jobId = await queuedJob()
    const store = openStore({ redis: server.redis, resultTtlSeconds: 60 })
    await store.answers.fail({
      jobId,
      jobKey: jobKey(jobId),
      channel: 'nobody listens',
      code: 'arena_full',
      detail: 'told to nobody',
    })
    const { status, body } = await reply
    assert.deepEqual([status, body.status, codes(body)], [200, 'failed', ['arena_full']])
  })
})

test('a job that failed without leaving an answer is answered with its reason', async () => {
  await whileAsleep(async () => {
    const reply = waitFor(61)
    const jobId = await queuedJob()
    await server.redis
      .multi()
      .lrem('{s0}:steps:wait', 1, jobId)
      .zadd('{s0}:steps:failed', 1, jobId)
      .hset(jobKey(jobId), { failedReason: 'job_exhausted: it took its workers down' })
      .exec()
    const { body } = await reply
    assert.deepEqual(body.errors, [{ agent: 61, code: 'job_exhausted', detail: 'it took its workers down' }])
    assert.deepEqual(codes((await call<Batch>('GET', `${other.url}/v1/batches/${body.batchId}`)).body), [
      'job_exhausted',
    ])
  })
})

test('a job that is gone without an answer does not keep its caller waiting', async () => {
  await whileAsleep(async () => {
    const reply = waitFor(62)
    const jobId = await queuedJob()
    await server.redis.multi().lrem('{s0}:steps:wait', 1, jobId).del(jobKey(jobId)).exec()
    const { body } = await reply
    assert.deepEqual(codes(body), ['job_lost'])
    assert.equal((await call<Batch>('GET', `${other.url}/v1/batches/${body.batchId}`)).body.status, 'expired')
  })
})

test('a batch whose results were kept for their time is expired', async () => {
  const { body } = await waitFor(63)
  const jobs = await server.redis.keys('{s0}:r:*')
  await server.redis.del(...jobs)
  assert.deepEqual((await call<Batch>('GET', `${producer.url}/v1/batches/${body.batchId}`)).body, {
    batchId: body.batchId,
    status: 'expired',
  })
})
