// Promises of the metrics: each of the table is told by a process that works, and moves with what it counts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LEGS, type BatchAccepted } from '@cohort/contracts'
import { METRICS, type MetricRow } from '@cohort/telemetry'
import { jobKey } from '@cohort/queue'
import { openStore } from '@cohort/store'
import { call, makePopulation, postSteps } from './calls.js'
import { scrape, type Scraped } from './scrape.js'
import { aProducer, end, startProcess, startRedis, startSystem } from './support.js'

const { server, producer, addWorker } = await startSystem()
const worker = await addWorker()
const workerUrl = /health (\S+)$/.exec(worker.ready)?.[1] ?? assert.fail(worker.ready)

/** Ten agents, waited for. */
const steps = () =>
  postSteps(producer.url, {
    population: 'p',
    agents: { from: 0, count: 10 },
    observations: [Array.from({ length: 10 }, (_, i) => i % 2)],
    waitMs: 30_000,
  })

await makePopulation(producer.url, 'p', 300)
await postSteps(producer.url, { population: 'stranger', observations: [[0]] })
assert.equal((await steps()).status, 200)

/** By how much each series grew while `does` ran, and so many jobs, on both processes. */
async function growth(jobs: number, does: () => Promise<unknown>): Promise<(series: string) => number> {
  const both = () => Promise.all([scrape(producer.url), scrape(workerUrl)])
  const sum = (of: readonly Scraped[], series: string) => of.reduce((all, one) => all + one.value(series), 0)
  const was = await both()
  await does()
  // A worker counts a job when it has committed it: the caller may have its answer sooner.
  for (;;) {
    const is = await both()
    const grown = (series: string) => sum(is, series) - sum(was, series)
    if (grown('cohort_jobs_total{outcome="done"}') === jobs) return grown
  }
}

test('after one step each metric of the table is told by its process', async () => {
  const told = { producer: await scrape(producer.url), worker: await scrape(workerUrl) }
  for (const { name, app } of Object.values<MetricRow>(METRICS)) {
    for (const process of ['producer', 'worker'] as const)
      assert.equal(told[process].names.has(name), app === process || app === 'both', `${process}: ${name}`)
  }
  for (const { type } of Object.values(told))
    assert.match(type, /^application\/openmetrics-text; version=1\.0\.0/)
})

test('ten steps move what counts steps, jobs, requests, legs and computing', async () => {
  const grown = await growth(1, steps)
  for (const leg of LEGS) assert.equal(grown(`cohort_leg_seconds_count{leg="${leg}"}`), 1, leg)
  const one = [
    'cohort_http_requests_total{route="POST /v1/steps",status="200"}',
    'cohort_http_request_seconds_count{route="POST /v1/steps"}',
    'cohort_step_seconds_count',
    'cohort_job_steps_count',
    'cohort_tasks_total',
    'cohort_lock_wait_seconds_count',
    'cohort_matrix_cache_hits_total',
  ]
  for (const series of one) assert.equal(grown(series), 1, series)
  const ten = [
    'cohort_steps_admitted_total',
    'cohort_steps_answered_total{outcome="applied"}',
    'cohort_steps_total{outcome="applied"}',
    'cohort_job_steps_sum',
  ]
  for (const series of ten) assert.equal(grown(series), 10, series)
  const some = ['cohort_compute_seconds_total{thread="0",cpu="none"}', 'cohort_cpu_seconds_total']
  for (const series of some) assert.ok(grown(series) > 0, series)
  const latency = grown('cohort_step_seconds_sum')
  const legs = LEGS.map((leg) => grown(`cohort_leg_seconds_sum{leg="${leg}"}`))
  assert.ok(latency > 0 && legs.every((seconds) => seconds >= 0))
})

test('steps of a job that fails are answered as failed, on both sides', async () => {
  await makePopulation(producer.url, 'doomed', 10)
  const [key = ''] = await server.redis.keys('*b:doomed:0')
  const record = await server.redis.getBuffer(key)
  await server.redis.set(key, Buffer.from('not a block'))
  const body = { population: 'doomed', agents: { from: 0, count: 10 }, observations: [Array(10).fill(0)] }
  const grown = await growth(1, () => postSteps(producer.url, { ...body, waitMs: 30_000 }))
  assert.equal(grown('cohort_steps_answered_total{outcome="failed"}'), 10)
  assert.equal(grown('cohort_steps_answered_total{outcome="applied"}'), 0)
  assert.equal(grown('cohort_steps_total{outcome="failed"}'), 10)
  assert.equal(grown('cohort_step_seconds_count'), 1)
  await server.redis.set(key, record ?? '')
})

test('steps that fail where their caller waits have a latency too, and are counted once', async () => {
  const body = { population: 'p', agents: [1, 2], observations: [[0, 0]], t: 999, waitMs: 30_000 }
  const grown = await growth(1, async () => {
    const { status } = await postSteps(producer.url, body)
    assert.equal(status, 409)
  })
  assert.equal(grown('cohort_step_seconds_count'), 1)
  assert.equal(grown('cohort_steps_admitted_total'), 2)
  assert.equal(grown('cohort_steps_answered_total{outcome="failed"}'), 2)
  assert.equal(grown('cohort_steps_refused_total{code="wrong_step"}'), 0)
})

test('so has a request whose only job failed as a whole, of which nobody knows the legs', async (t) => {
  const own = await startRedis()
  const alone = await aProducer(own.url)
  t.after(async () => {
    await alone.stop()
    await own.stop()
  })
  await makePopulation(alone.url, 'q', 10)
  const reply = postSteps(alone.url, {
    population: 'q',
    agents: [1],
    observations: [[0]],
    waitMs: 30_000,
  })
  let jobId: string | undefined
  while (jobId === undefined) [jobId] = await own.redis.lrange('{s0}:steps:wait', 0, -1)
  const { answers } = openStore({ redis: own.redis, resultTtlSeconds: 60 })
  const why = { code: 'arena_full', detail: 'no room' } as const
  await answers.fail({ jobId, jobKey: jobKey(jobId), channel: 'nobody listens', ...why })
  const { status, body } = await reply
  assert.deepEqual([status, body.status, body.timings], [200, 'failed', undefined])
  const { value } = await scrape(alone.url)
  assert.equal(value('cohort_step_seconds_count'), 1)
  assert.equal(value('cohort_leg_seconds_count{leg="notify"}'), 0)
})

test('a request that is refused counts by its code, and no path that a caller made up is a label', async () => {
  const grown = await growth(0, async () => {
    await postSteps(producer.url, { population: 'stranger', observations: [[0]] })
    await call('POST', `${producer.url}/v1/steps`, '{')
    await call('GET', `${producer.url}/v1/populations/p`)
    await call('GET', `${producer.url}/made/up`)
  })
  assert.equal(grown('cohort_steps_refused_total{code="unknown_population"}'), 1)
  assert.equal(grown('cohort_steps_refused_total{code="malformed_json"}'), 1)
  assert.equal(grown('cohort_http_requests_total{route="POST /v1/steps",status="404"}'), 1)
  assert.equal(
    grown('cohort_http_requests_total{route="GET /v1/populations/{populationId}",status="200"}'),
    1,
  )
  assert.equal(grown('cohort_http_requests_total{route="other",status="404"}'), 1)
  const { text } = await scrape(producer.url)
  assert.ok(!text.includes('made/up') && !text.includes('stranger'))
})

/** Requests for steps by the status that they ended with, when so many have. */
async function endedSteps(url: string, count: number): Promise<Record<string, number>> {
  for (;;) {
    const { text } = await scrape(url)
    const series = text.matchAll(
      /^cohort_http_requests_total\{route="POST \/v1\/steps",status="(\w+)"\} (\d+)/gm,
    )
    const ended = [...series].map(([, status = '', times]) => [status, Number(times)] as const)
    if (ended.reduce((sum, [, times]) => sum + times, 0) >= count) return Object.fromEntries(ended)
  }
}

test('what waits is told, with how long the oldest has: of the queue, and of this producer', async () => {
  const own = await startRedis()
  const alone = await aProducer(own.url)
  await makePopulation(alone.url, 'q', 10)
  const step = { population: 'q', agents: [1], observations: [[0]] }
  await postSteps<BatchAccepted>(alone.url, step)
  const leaving = new AbortController()
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, signal: leaving.signal }
  const waits = fetch(`${alone.url}/v1/steps`, {
    ...init,
    body: JSON.stringify({ ...step, agents: [2], waitMs: 30_000 }),
  })
  let seen = await scrape(alone.url)
  while (
    seen.value('cohort_queue_jobs{state="waiting"}') < 2 ||
    seen.value('cohort_queue_oldest_seconds') === 0
  )
    seen = await scrape(alone.url)
  const values = ['waiting_steps', 'outstanding_jobs', 'waiting_requests', 'workers_alive', 'worker_threads']
  assert.deepEqual(
    values.map((name) => seen.value(`cohort_${name}`)),
    [2, 2, 1, 0, 0],
  )
  assert.equal(seen.value('cohort_waiting_steps_limit'), 4 * 1024 * 1024)
  const later = await scrape(alone.url)
  assert.ok(later.value('cohort_queue_oldest_seconds') > seen.value('cohort_queue_oldest_seconds'))
  leaving.abort()
  await assert.rejects(waits)
  assert.deepEqual(await endedSteps(alone.url, 2), { 202: 1, gone: 1 })
  await alone.stop()
  await own.stop()
})

test('workers and threads are counted while they are alive', async () => {
  const { value } = await scrape(producer.url)
  assert.deepEqual([value('cohort_workers_alive'), value('cohort_worker_threads')], [1, 1])
  const held = await scrape(workerUrl)
  assert.deepEqual(
    [held.value('cohort_threads{pinned="yes"}'), held.value('cohort_threads{pinned="no"}')],
    [0, 1],
  )
  assert.ok(held.value('cohort_matrix_cache_bytes') > 0)
  assert.equal(held.value('cohort_matrix_cache_models'), 1)
  assert.equal(held.value('cohort_arena_bytes{region="matrices"}'), held.value('cohort_matrix_cache_bytes'))
  assert.equal(held.value('cohort_arena_limit_bytes{region="slots"}'), (512 * 1024 * 1024) / 4)
})

test('while Redis is away a scrape answers without what Redis knows, and says so once', async () => {
  const own = await startRedis()
  const lonely = await startProcess('producer', { REDIS_URL: own.url, PORT: '0' })
  const url = lonely.ready.split(' ').at(-1) ?? ''
  assert.ok((await scrape(url)).names.has('cohort_queue_oldest_seconds'))
  await own.kill()
  for (let scrapes = 0; scrapes < 3; scrapes++) {
    const { names } = await scrape(url)
    assert.deepEqual(
      ['cohort_queue_jobs', 'cohort_workers_alive', 'cohort_waiting_steps'].map((name) => names.has(name)),
      [false, false, true],
    )
  }
  await own.again()
  for (;;) if ((await scrape(url)).names.has('cohort_workers_alive')) break
  assert.equal(await end(lonely), 0)
  assert.equal(lonely.said().match(/"message":"metrics are absent"/g)?.length, 2, lonely.said())
  await own.stop()
})

test('the buckets of a traced request lead to its trace, on both processes', async () => {
  // Nobody takes the spans: that is no condition.
  const own = await startRedis()
  const both = { REDIS_URL: own.url, PORT: '0', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }
  const tracer = await startProcess('producer', both)
  const stepper = await startProcess('worker', { ...both, COHORT_THREADS: '1', COHORT_PINNING: 'off' })
  const [url, stepperUrl] = [tracer, stepper].map(({ ready }) => ready.split(' ').at(-1) ?? '') as [
    string,
    string,
  ]
  await makePopulation(url, 't', 10)
  const step = { population: 't', agents: [1], observations: [[0]], waitMs: 30_000 }
  const { status, headers } = await postSteps(url, step)
  assert.equal(status, 200)
  const [, id = ''] = (headers.get('traceresponse') ?? '').split('-')
  assert.match(id, /^[0-9a-f]{32}$/)
  const exemplar = (series: string) => new RegExp(`^${series}\\S+ 1 # \\{trace_id="${id}"\\}`, 'm')
  const { text } = await scrape(url)
  assert.match(text, exemplar('cohort_step_seconds_bucket'))
  for (const leg of ['admit', 'gather', 'notify'])
    assert.match(text, exemplar(`cohort_leg_seconds_bucket\\{le="[^"]+",leg="${leg}"`))
  let worked = await scrape(stepperUrl)
  while (worked.value('cohort_jobs_total{outcome="done"}') === 0) worked = await scrape(stepperUrl)
  for (const leg of ['queue', 'take', 'load', 'dispatch', 'compute', 'commit'])
    assert.match(worked.text, exemplar(`cohort_leg_seconds_bucket\\{le="[^"]+",leg="${leg}"`))
  for (const process of [tracer, stepper]) assert.equal(await end(process), 0)
  await own.stop()
})
