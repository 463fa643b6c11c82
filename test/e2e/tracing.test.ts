// One request is one trace, from its head in the producer into the threads of the workers and back.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { batchId, LEGS } from '@cohort/contracts'
import { connect, openStore, type Redis } from '@cohort/store'
import { aPopulation, sightings, SLOW } from '../support/builders.js'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.js'
import { terminate } from '../support/processes.js'
import { startSystem, type System } from '../support/system.js'
import { aCaller, ERROR_STATUS, named, orphansIn, SERVER_KIND, tracedTo, traceOf } from '../support/traces.js'
import { until } from '../support/until.js'

/** Of one job at most. */
const JOB_STEPS = 4096
/** Between two looks of a worker for jobs whose worker died, and some more. */
const STALLED_CHECK_MS = 3000
/** They are one job, too. */
const SLOW_STEPS = 256

let receiver: OtlpReceiver
let system: System
before(async () => {
  receiver = await startOtlpReceiver()
  system = await startSystem({ workers: 2, env: tracedTo(receiver) })
})
after(async () => {
  await receiver.stop()
  await system.stop()
})

const msOf = ({ startMs, endMs }: ReceivedSpan): number => endMs - startMs

test('a request that two workers share is one trace into their threads, and no span of it is an orphan', async () => {
  const jobs = 6
  const agents = jobs * JOB_STEPS
  const population = await aPopulation(system.cohort, { count: agents })
  const caller = aCaller(system.url)
  await caller.cohort.steps.run({ population, observations: [sightings(agents)] })
  const spans = await traceOf(receiver, caller, jobs)
  assert.deepEqual(orphansIn(spans, [caller.spanId]), [])
  const processes = new Map(
    spans.map(({ resource }) => [resource['service.instance.id'], resource['service.name']]),
  )
  assert.deepEqual([...processes.values()].sort(), ['cohort-producer', 'cohort-worker', 'cohort-worker'])
  for (const { pid } of system.workers) {
    const steps = spans.filter((span) => span.name === 'step' && span.resource['process.pid'] === pid)
    assert.ok(steps.length > 0, `no thread of worker ${pid} is seen`)
    assert.ok(steps.every(({ attributes }) => Number(attributes['thread.id']) > 0))
  }
  assert.equal(spans.filter(named('send steps')).length, jobs)
})

test('it continues the trace of its caller, whose header says which span it hangs on', async () => {
  const population = await aPopulation(system.cohort, { count: 3, id: 'three' })
  const caller = aCaller(system.url)
  const { batchId } = await caller.cohort.steps.run({ population, observations: [sightings(3)] })
  const [request, ...more] = (await traceOf(receiver, caller, 1)).filter(({ kind }) => kind === SERVER_KIND)
  assert.deepEqual(more, [])
  assert.equal(request?.parentSpanId, caller.spanId)
  assert.equal(request?.name, 'POST /v1/steps')
  const { attributes } = request
  assert.equal(attributes['http.response.status_code'], 200)
  assert.equal(attributes['http.route'], '/v1/steps')
  assert.equal(attributes['cohort.batch'], batchId)
  assert.equal(attributes['cohort.status'], 'completed')
})

test('the nine legs of a job add up to what its caller measured', async () => {
  const population = await aPopulation(system.cohort, { count: SLOW_STEPS, options: SLOW })
  const caller = aCaller(system.url)
  await system.cohort.steps.run({ population, agents: [0], observations: [[0]] })
  const beginMs = performance.now()
  await caller.cohort.steps.run({ population, observations: [sightings(SLOW_STEPS)] })
  const measuredMs = performance.now() - beginMs
  const spans = await traceOf(receiver, caller, 1)
  const legs = LEGS.map((leg) => spans.filter(named(leg)))
  assert.deepEqual(
    legs.map(({ length }) => length),
    LEGS.map(() => 1),
  )
  const legsMs = legs.flat().reduce((sum, leg) => sum + msOf(leg), 0)
  assert.ok(Math.abs(legsMs - measuredMs) < 0.05 * measuredMs, `${legsMs} of ${measuredMs} ms`)
})

test('a refused request says why, and is no error of the server', async () => {
  const caller = aCaller(system.url)
  await assert.rejects(caller.cohort.populations.get('nowhere'))
  const [request] = await receiver.received('the request', ({ traceId }) => traceId === caller.traceId)
  assert.equal(request?.name, 'GET /v1/populations/{populationId}')
  assert.equal(request?.attributes['cohort.code'], 'unknown_population')
  assert.equal(request?.status, 0)
})

test('an error of the producer is one of the span, and the line of the log leads to it', async () => {
  const caller = aCaller(system.url)
  const id = batchId(randomUUID())
  await withRedis((redis) => redis.set(`{s0}:t:${id}`, 'garbage'))
  await assert.rejects(caller.cohort.batches.get(id))
  const [request] = await receiver.received('the request', ({ traceId }) => traceId === caller.traceId)
  assert.equal(request?.status, ERROR_STATUS)
  assert.equal(request.attributes['error.type'], 'corrupt_record')
  const said = system.producer
    .said()
    .split('\n')
    .find((line) => line.includes(caller.traceId))
  assert.ok(said?.includes(request.spanId), system.producer.said())
})

test('of a trace that its caller does not record, and of an idle system, nothing is sent', async () => {
  const silent = aCaller(system.url, '00')
  const population = await aPopulation(system.cohort, { count: 3, id: 'unseen' })
  await silent.cohort.steps.run({ population, observations: [sightings(3)] })
  await untilLookedForStalled()
  // What still waits to be sent is sent at the end.
  for (const worker of system.workers.splice(0)) assert.equal(await terminate(worker), 0)
  assert.equal(await terminate(system.producer), 0)
  assert.deepEqual(
    receiver.spans.filter(({ traceId }) => traceId === silent.traceId),
    [],
  )
  // Neither did anybody begin a trace but a request: no look for stalled jobs, no renewal of a lock, no closing.
  const beginnings = receiver.spans.filter(({ parentSpanId }) => parentSpanId === '')
  assert.deepEqual(
    beginnings.filter(({ kind }) => kind !== SERVER_KIND),
    [],
  )
})

/** Until each worker has been up for so much longer that it has looked for stalled jobs meanwhile. */
async function untilLookedForStalled(): Promise<void> {
  await withRedis(async (redis) => {
    const { workers } = openStore({ redis, resultTtlSeconds: 60 })
    const before = new Map((await workers.list()).map(({ id, progress }) => [id, progress.upMs]))
    await until('each worker goes on for a while', async () => {
      const alive = await workers.list()
      return alive.every(({ id, progress }) => progress.upMs > (before.get(id) ?? 0) + STALLED_CHECK_MS)
    })
  })
}

async function withRedis(call: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = connect(system.redis.url, { name: 'test', onError: () => {} })
  try {
    await call(redis)
  } finally {
    redis.disconnect()
  }
}

test('what a process has not sent yet when it is told to stop is sent then', async () => {
  const late = { ...tracedTo(receiver), OTEL_BSP_SCHEDULE_DELAY: '60000' }
  const slow = await startSystem({ workers: 1, env: late })
  try {
    const population = await aPopulation(slow.cohort, { count: 3 })
    const caller = aCaller(slow.url)
    await caller.cohort.steps.run({ population, observations: [sightings(3)] })
    for (const process of [...slow.workers.splice(0), slow.producer])
      assert.equal(await terminate(process), 0)
    const spans = receiver.spans.filter(({ traceId }) => traceId === caller.traceId)
    assert.deepEqual(orphansIn(spans, [caller.spanId]), [])
    assert.deepEqual(
      LEGS.filter((leg) => !spans.some(named(leg))),
      [],
    )
  } finally {
    await slow.stop()
  }
})

test('without an endpoint, or where it is switched off, nothing is traced', async () => {
  const seen = receiver.spans.length
  const off = await startSystem({ workers: 1, env: { ...tracedTo(receiver), OTEL_SDK_DISABLED: 'true' } })
  try {
    await off.addWorker({ OTEL_SDK_DISABLED: '', OTEL_EXPORTER_OTLP_ENDPOINT: '' })
    const agents = 4 * JOB_STEPS
    const population = await aPopulation(off.cohort, { count: agents })
    await off.cohort.steps.run({ population, observations: [sightings(agents)] })
    const { headers } = await fetch(`${off.url}/v1/populations/${population}`)
    assert.equal(headers.get('traceresponse'), null)
    for (const process of [...off.workers.splice(0), off.producer]) assert.equal(await terminate(process), 0)
    assert.equal(receiver.spans.length, seen)
  } finally {
    await off.stop()
  }
})
