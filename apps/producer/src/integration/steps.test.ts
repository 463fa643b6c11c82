// Promises of steps over HTTP, with a real worker behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LEGS, type Agent, type Batch, type BatchAccepted, type Population } from '@cohort/contracts'
import { call, makePopulation, postSteps, readEnded, type ProblemBody } from './calls.js'
import { startSystem } from './support.js'

const { producer, addWorker } = await startSystem()
const worker = await addWorker()

const WAIT = { waitMs: 30_000 }
const stepsOf = async (id: string) =>
  (await call<Population>('GET', `${producer.url}/v1/populations/${id}`)).body.steps

test('a step that is waited for comes back with its columns, in the order of the request', async () => {
  await makePopulation(producer.url, 'ordered', 1000)
  const request = {
    population: 'ordered',
    agents: [900, 3, 255, 256, 0],
    observations: [[0, 1, null, 0, 1]],
    return: ['beliefs', 'action', 'step', 'qPi', 'G', 'vfe'],
  }
  const { status, body } = await postSteps(producer.url, { ...request, ...WAIT })
  assert.equal(status, 200)
  const { results, errors } = body
  assert.deepEqual(
    [body.status, errors, results?.agents, results?.step],
    ['completed', [], [900, 3, 255, 256, 0], [1, 1, 1, 1, 1]],
  )
  for (const [i, agent] of request.agents.entries()) {
    const { body: stored } = await call<Agent>('GET', `${producer.url}/v1/agents/ordered:${agent}`)
    assert.deepEqual(
      [stored.step, stored.beliefs[0], stored.lastAction],
      [1, results?.beliefs?.[0]?.[i], [results?.action?.[0]?.[i]]],
    )
  }
  // Those who saw the same believe the same.
  assert.deepEqual(results?.beliefs?.[0]?.[0], results?.beliefs?.[0]?.[3])
  assert.notDeepEqual(results?.beliefs?.[0]?.[0], results?.beliefs?.[0]?.[1])
  assert.deepEqual([results?.qPi?.length, results?.G?.[0]?.length, results?.vfe?.length], [5, 2, 5])
})

test('the nine legs add up to the time between arrival and answer', async () => {
  await makePopulation(producer.url, 'timed', 300)
  const started = performance.now()
  const { body } = await postSteps(producer.url, {
    population: 'timed',
    observations: [Array.from({ length: 300 }, () => 0)],
    ...WAIT,
  })
  const seen = performance.now() - started
  assert.ok(body.timings !== undefined)
  const legs = LEGS.map((leg) => body.timings?.[leg] ?? -1)
  assert.ok(
    legs.every((ms) => ms >= 0),
    String(legs),
  )
  const sum = legs.reduce((total, ms) => total + ms, 0)
  assert.ok(sum > 0 && sum <= seen, `${sum} of ${seen}`)
})

test('without a wait it is queued, and read when it has ended', async () => {
  await makePopulation(producer.url, 'polled', 5000)
  const observations = [Array.from({ length: 5000 }, (_, i) => i % 2)]
  const { status, body } = await postSteps<BatchAccepted>(producer.url, {
    population: 'polled',
    observations,
  })
  assert.deepEqual([status, body.status], [202, 'queued'])
  const batch = await readEnded(producer.url, body.batchId)
  assert.deepEqual(
    [batch.status, batch.results?.agents.length, batch.results?.step?.[4999]],
    ['completed', 5000, 1],
  )
  // Nobody saw when its answer was here.
  assert.deepEqual(Object.keys(batch.timings ?? {}), LEGS.slice(0, -2))
  assert.deepEqual(await stepsOf('polled'), { total: 5000, min: 1, max: 1 })
})

test('many requests at once are gathered, and each gets its own', async () => {
  await makePopulation(producer.url, 'crowd', 2000)
  const pairs = Array.from({ length: 399 }, (_, i) => [(i + 1) * 5, i + 1])
  const replies = await Promise.all(
    pairs.map((agents) =>
      postSteps(producer.url, {
        population: 'crowd',
        agents,
        observations: [[0, null]],
        return: ['step', 'vfe'],
        ...WAIT,
      }),
    ),
  )
  assert.deepEqual(
    replies.map(({ body }) => [body.status, body.results?.agents]),
    pairs.map((agents) => ['completed', agents]),
  )
  assert.equal((await stepsOf('crowd')).total, 798)
  // Agents that are in two requests stepped twice, each step answered once.
  const first = replies.flatMap(({ body }) =>
    (body.results?.agents ?? []).map((agent, i) => `${agent}@${body.results?.step?.[i]}`),
  )
  assert.equal(new Set(first).size, 798)
})

test('where some are not at `t`, they keep their state and the others step', async () => {
  await makePopulation(producer.url, 'mixed', 10)
  await postSteps(producer.url, { population: 'mixed', agents: [1, 2], observations: [[0, 0]], ...WAIT })
  const { status, body } = await postSteps(producer.url, {
    population: 'mixed',
    agents: [3, 2, 1],
    observations: [[0, 0, 0]],
    t: 1,
    ...WAIT,
  })
  assert.deepEqual(
    [status, body.status, body.results?.agents, body.results?.step],
    [200, 'partial', [2, 1], [2, 2]],
  )
  assert.deepEqual(
    body.errors?.map(({ agent, code }) => [agent, code]),
    [[3, 'wrong_step']],
  )
  assert.deepEqual(await stepsOf('mixed'), { total: 4, min: 0, max: 2 })
})

test('where none is at `t`, the request is refused', async () => {
  await makePopulation(producer.url, 'late', 10)
  const { status, body } = await postSteps<ProblemBody>(producer.url, {
    population: 'late',
    agents: [4, 5],
    observations: [[0, 0]],
    t: 3,
    ...WAIT,
  })
  assert.deepEqual(
    [status, body.code, body.errors?.map(({ path }) => path)],
    [409, 'wrong_step', ['agents[0]', 'agents[1]']],
  )
  const queued = await postSteps<BatchAccepted>(producer.url, {
    population: 'late',
    agents: [4],
    observations: [[0]],
    t: 3,
  })
  const batch = await readEnded(producer.url, queued.body.batchId)
  assert.deepEqual([batch.status, batch.errors?.map(({ code }) => code)], ['failed', ['wrong_step']])
})

test('steps queued for a population that is then deleted fail, and say why', async () => {
  await makePopulation(producer.url, 'doomed', 10)
  worker.process.kill('SIGSTOP')
  const { body } = await postSteps<BatchAccepted>(producer.url, {
    population: 'doomed',
    observations: [Array.from({ length: 10 }, () => 0)],
  })
  await call('DELETE', `${producer.url}/v1/populations/doomed`)
  await makePopulation(producer.url, 'doomed', 10)
  worker.process.kill('SIGCONT')
  const batch: Batch = await readEnded(producer.url, body.batchId)
  assert.deepEqual(
    [batch.status, new Set(batch.errors?.map(({ code }) => code))],
    ['failed', new Set(['population_gone'])],
  )
  assert.equal((await stepsOf('doomed')).total, 0)
})
