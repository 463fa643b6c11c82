// Promises of the process: one line when it is ready, clear refusals to start, an orderly end.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BatchAccepted } from '@cohort/contracts'
import { call, makePopulation, postSteps, type ProblemBody } from './calls.js'
import { end, startProcess, startRedis, startWorker, type Running, type TestRedis } from './support.js'

let server: TestRedis
before(async () => {
  server = await startRedis()
})
after(() => server.stop())

const start = (env: Record<string, string> = {}): Promise<Running> =>
  startProcess('producer', { REDIS_URL: server.url, PORT: '0', ...env })
const addressOf = ({ ready }: Running) =>
  /^producer ready: (http:\/\/127\.0\.0\.1:\d+)$/.exec(ready)?.[1] ?? assert.fail(ready)

test('a configuration that does not fit stops the start and names each variable', async () => {
  const producer = await startProcess('producer', { PORT: 'http', COHORT_GATHER_MS: '-2' })
  assert.equal(producer.ready, '')
  assert.equal(await producer.ended, 2)
  const lines = producer
    .said()
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0])
  assert.deepEqual(lines, ['REDIS_URL', 'PORT', 'COHORT_GATHER_MS'])
})

test('a Redis that may drop keys is refused, with what to change', async () => {
  const unfit = await startRedis('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru')
  const producer = await startProcess('producer', { REDIS_URL: unfit.url, PORT: '0' })
  assert.equal(await producer.ended, 1)
  assert.match(producer.said(), /maxmemory-policy is allkeys-lru.*noeviction/)
  await unfit.stop()
})

test('a Redis that is not there is named, without its password', { timeout: 60_000 }, async () => {
  const REDIS_URL = 'redis://user:secret@127.0.0.1:1'
  const producer = await startProcess('producer', { REDIS_URL, PORT: '0' })
  assert.equal(await producer.ended, 1)
  const told =
    'producer did not start: Redis at redis://127.0.0.1:1 (REDIS_URL) cannot be reached: ECONNREFUSED'
  assert.equal(producer.said().trim().split('\n').at(-1), told)
  assert.doesNotMatch(producer.said(), /secret/)
})

test('an address that is taken is said', async () => {
  const first = await start()
  const { port } = new URL(addressOf(first))
  const second = await start({ PORT: port })
  assert.equal(await second.ended, 1)
  const told = `producer did not start: port ${port} on 127.0.0.1 is in use: choose another by PORT=…`
  assert.equal(second.said().trim().split('\n').at(-1), told)
  assert.doesNotMatch(second.said(), /NestApplication|"level":"error"/)
  assert.equal(await end(first), 0)
})

test('it is alive at once, and ready when there is a worker', async () => {
  const producer = await start()
  const url = addressOf(producer)
  assert.equal((await call('GET', `${url}/healthz`)).status, 200)
  const { status, body, headers } = await call<ProblemBody>('GET', `${url}/readyz`)
  assert.deepEqual(
    [status, body.code, body.errors?.[0]?.path, headers.get('retry-after')],
    [503, 'not_ready', 'workers', '1'],
  )
  const worker = await startWorker(server.url)
  assert.deepEqual((await call('GET', `${url}/readyz`)).body, { ready: true, workers: 1 })
  assert.equal(await end(worker), 0)
  assert.equal(await end(producer), 0)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal}: who waits is answered at the deadline, nothing new is taken, and it exits 0`, async () => {
    const producer = await start({ COHORT_DRAIN_MS: '300' })
    const url = addressOf(producer)
    await makePopulation(url, signal, 10)
    const waiting = postSteps<BatchAccepted>(url, {
      population: signal,
      agents: [1],
      observations: [[0]],
      waitMs: 30_000,
    })
    for (;;) if (Number(await server.redis.llen('{s0}:steps:wait')) > 0) break
    producer.process.kill(signal)
    const { status, body } = await waiting
    assert.deepEqual([status, body.status], [202, 'queued'])
    assert.equal(await producer.ended, 0)
    await server.redis.del('{s0}:steps:wait')
  })
}

test('who has gone is not waited for', { timeout: 20_000 }, async () => {
  const producer = await start({ COHORT_DRAIN_MS: '3600000' })
  const url = addressOf(producer)
  await makePopulation(url, 'left', 10)
  const leaving = new AbortController()
  const step = { population: 'left', agents: [1], observations: [[0]], waitMs: 30_000 }
  const gone = fetch(`${url}/v1/steps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(step),
    signal: leaving.signal,
  })
  for (;;) if (Number(await server.redis.llen('{s0}:steps:wait')) > 0) break
  leaving.abort()
  await assert.rejects(gone)
  assert.equal(await end(producer), 0)
  assert.match(producer.said(), /"jobsUnderWay":1,"requestsWaiting":0/)
  await server.redis.del('{s0}:steps:wait')
})

test('a second signal does not break the drain off', async () => {
  const producer = await start({ COHORT_DRAIN_MS: '300' })
  producer.process.kill('SIGINT')
  assert.equal(await end(producer, 'SIGTERM'), 0)
})

test('it ends when the process that started it is gone', async () => {
  const producer = await start()
  producer.process.disconnect()
  assert.equal(await producer.ended, 0)
})

test('while Redis is away requests are refused at once, and go on when it is back', async () => {
  const own = await startRedis()
  const producer = await startProcess('producer', { REDIS_URL: own.url, PORT: '0' })
  const url = addressOf(producer)
  await own.kill()
  for (;;) {
    const { status, body } = await call<ProblemBody>('GET', `${url}/v1/populations/p`)
    if (status === 503) {
      assert.equal(body.code, 'redis_unavailable')
      break
    }
  }
  const { body } = await call<ProblemBody>('GET', `${url}/readyz`)
  assert.equal(body.errors?.[0]?.path, 'redis')
  assert.equal((await call('GET', `${url}/healthz`)).status, 200)
  await own.again()
  for (;;) if ((await call('GET', `${url}/v1/populations/p`)).status === 404) break
  assert.equal(await end(producer), 0)
  await own.stop()
})

test('a Redis that does not answer is told as one that is away, by each route', async () => {
  const producer = await start({ COHORT_REDIS_MS: '200' })
  const url = addressOf(producer)
  await makePopulation(url, 'paused', 10)
  await server.redis.call('CLIENT', 'PAUSE', 2000)
  const step = { population: 'paused', agents: [1], observations: [[0]] }
  for (const [method, path, body] of [
    ['GET', '/v1/populations/paused'],
    ['GET', '/v1/agents/paused:1'],
    ['POST', '/v1/steps', step],
  ] as const) {
    const reply = await call<ProblemBody>(method, `${url}${path}`, body)
    assert.deepEqual([reply.status, reply.body.code], [503, 'redis_unavailable'], path)
  }
  await server.redis.call('CLIENT', 'UNPAUSE')
  assert.equal((await call('GET', `${url}/v1/populations/paused`)).status, 200)
  assert.equal(await end(producer), 0)
})
