// What anyone may put on the queue: garbage fails alone, a second delivery is applied once, an old job harms nobody.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type Job, jobId } from '@cohort/contracts'
import { encodeObservations, openQueue, type StepQueue } from '@cohort/queue'
import { connect, openStore, type Redis, type Store } from '@cohort/store'
import { aPopulation, sightings } from '../support/builders.js'
import { kill } from '../support/processes.js'
import { startSystem, type System } from '../support/system.js'
import { until } from '../support/until.js'

let system: System
let redis: Redis
let queue: StepQueue
let store: Store
before(async () => {
  system = await startSystem({ workers: 1 })
  redis = connect(system.redis.url, { name: 'test', onError: () => {} })
  queue = openQueue({ redis, sendOnce: redis, log: { debug: () => {}, warn: () => {}, error: () => {} } })
  store = openStore({ redis, resultTtlSeconds: 60 })
})
after(async () => {
  await queue.close()
  redis.disconnect()
  await system.stop()
})

test('garbage on the queue fails alone, with its reason, and the worker goes on', async () => {
  const id = jobId(randomUUID())
  // As a stranger would put it: nothing of it has the type that the queue's own functions ask for.
  await queue.enqueue([{ id, job: { v: 1, model: 42, parts: 'none' } as unknown as Job }])
  const failed = await until('the job fails', async () => {
    const seen = await queue.state(id)
    return seen.state === 'failed' && seen
  })
  assert.equal(failed.code, 'invalid_job')
  assert.match(failed.detail, /count: is missing/)
  const population = await aPopulation(system.cohort, { count: 3 })
  const batch = await system.cohort.steps.run({ population, observations: [sightings(3)] })
  assert.equal(batch.status, 'completed')
})

test('the same job delivered twice is applied once, and answered both times', async () => {
  const population = await aPopulation(system.cohort, { count: 300 })
  const job = await jobFor(population)
  const id = jobId(randomUUID())
  const [worker] = system.workers.splice(0, 1)
  assert.ok(worker)
  await queue.enqueue([{ id, job }])
  const first = await answerOf(id)
  // Its worker dies after the commit: what it leaves is a job with our mark that is delivered again.
  await redis.hset(
    `{s0}:steps:${id}`,
    'cohort:answered',
    1,
    'data',
    JSON.stringify(job),
    'name',
    'step',
    'opts',
    '{}',
    'timestamp',
    1,
  )
  await redis.lpush('{s0}:steps:wait', id)
  await kill(worker)
  await system.addWorker()
  await until('the second delivery is over', async () => (await queue.state(id)).state === 'gone')
  assert.deepEqual(await answerOf(id), first)
  assert.deepEqual((await system.cohort.populations.get(population)).steps, { total: 300, min: 1, max: 1 })
})

test('a job that is put on the queue again after it was done is not applied again', async () => {
  const population = await aPopulation(system.cohort, { count: 300 })
  const job = await jobFor(population)
  const id = jobId(randomUUID())
  // The reply to the first add is lost with its connection; when the producer adds again, the job is done and removed.
  for (let add = 0; add < 2; add++) {
    await queue.enqueue([{ id, job }])
    await until('the job is over', async () => (await queue.state(id)).state === 'gone')
  }
  assert.deepEqual((await system.cohort.populations.get(population)).steps, { total: 300, min: 1, max: 1 })
})

test('a population deleted and created again is not touched by a job meant for the old one', async () => {
  const id = 'phoenix'
  await aPopulation(system.cohort, { count: 300, id })
  const job = await jobFor(id)
  await system.cohort.populations.delete(id)
  await aPopulation(system.cohort, { count: 300, id })
  const oldJob = jobId(randomUUID())
  await queue.enqueue([{ id: oldJob, job }])
  const answer = await answerOf(oldJob)
  assert.ok(answer.ok)
  assert.equal(answer.errors.length, 300)
  assert.ok(answer.errors.every((error) => error.code === 'population_gone'))
  assert.deepEqual((await system.cohort.populations.get(id)).steps, { total: 0, min: 0, max: 0 })
})

/** One step of each agent of a population of 300: a whole block, and the 44 rows of the next one. */
async function jobFor(population: string): Promise<Job> {
  const record = await store.populations.get(population)
  assert.ok(record)
  const { modelId, generation } = record
  return {
    v: 1,
    model: modelId,
    parts: [
      { population, generation, block: 0, rows: 256 },
      { population, generation, block: 1, rows: 44, index: Array.from({ length: 44 }, (_, row) => row) },
    ],
    count: 300,
    obs: encodeObservations([Int32Array.from(sightings(300))]),
    return: ['action', 'step'],
    origins: [],
    channel: 'cohort:answers:test',
    addedMs: 0,
  }
}

const answerOf = (id: string) => until('the job is answered', async () => (await store.answers.read([id]))[0])
