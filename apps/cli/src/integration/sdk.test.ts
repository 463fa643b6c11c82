// Promises of the SDK against a real producer and worker.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type BatchEvent, type Cohort, CohortError } from '@cohort/client'
import { GRID5_NOISY, gridModel } from '@cohort/worlds'
import { startTestSystem, type TestSystem } from '../testing/test-system.js'

const model = gridModel({ grid: GRID5_NOISY, goal: 0 })
let system: TestSystem
let cohort: Cohort

before(async () => {
  system = await startTestSystem()
  cohort = system.cohort
})

after(() => system.stop())

const failsWith = (code: string, path?: string) => (error: unknown) =>
  error instanceof CohortError &&
  error.code === code &&
  (path === undefined || error.errors[0]?.path === path)

/** A population of `count` agents that can step. */
async function population(count: number): Promise<string> {
  const { modelId } = await cohort.models.put(model)
  const { populationId } = await cohort.populations.create({ modelId, count, seed: 9 })
  await cohort.populations.waitUntilReady(populationId)
  return populationId
}

test('a model put twice has one id, and comes back as it was', async () => {
  const [first, second] = [await cohort.models.put(model), await cohort.models.put(model)]
  assert.equal(second.modelId, first.modelId)
  assert.deepEqual([first.policies, first.shapes.numStates, first.rowBytes], [5, [25], 224])
  const { A, C } = await cohort.models.get(first.modelId)
  assert.deepEqual({ A, C }, { A: model.A, C: model.C })
  await assert.rejects(cohort.models.get('0'.repeat(64)), failsWith('unknown_model'))
})

test('an invalid model is refused with the place of its fault', async () => {
  const D = [Array.from({ length: 25 }, () => 1)]
  await assert.rejects(cohort.models.put({ ...model, D }), failsWith('invalid_model', 'D[0]'))
})

test('agents step, are read, are counted, and go', async () => {
  const id = await population(300)
  const outcomes = Array.from({ length: 300 }, (_, i) => i % 25)
  const batch = await cohort.steps.run({ population: id, observations: [outcomes] })
  assert.equal(batch.status, 'completed')
  assert.equal(batch.results?.agents.length, 300)
  assert(batch.results?.step?.every((step) => step === 1))
  const some = await cohort.steps.run({
    population: id,
    agents: [299, 3],
    observations: [[24, null]],
    return: ['step'],
  })
  assert.deepEqual(some.results, { agents: [299, 3], step: [2, 2] })
  const { steps } = await cohort.populations.get(id)
  assert.deepEqual(steps, { total: 302, min: 1, max: 2 })
  const agent = await cohort.agents.get(id, 299)
  assert.deepEqual([agent.agentId, agent.step, agent.beliefs[0]?.length], [`${id}:299`, 2, 25])
  await cohort.populations.delete(id)
  await assert.rejects(cohort.populations.get(id), failsWith('unknown_population'))
  await assert.rejects(cohort.populations.delete(id), failsWith('unknown_population'))
})

test('queued steps can be waited for, and the same key is the same batch', async () => {
  const id = await population(2)
  const request = { population: id, observations: [[1, 2]] }
  const first = await cohort.steps.enqueue(request, { idempotencyKey: 'once' })
  const again = await cohort.steps.run(request, { idempotencyKey: 'once' })
  assert.equal(again.batchId, first.batchId)
  const batch = await cohort.batches.wait(first.batchId)
  assert.deepEqual([batch.status, batch.results?.step], ['completed', [1, 1]])
  assert.equal((await cohort.populations.get(id)).steps.total, 2)
  await assert.rejects(
    cohort.steps.enqueue({ ...request, observations: [[2, 1]] }, { idempotencyKey: 'once' }),
    failsWith('key_reused'),
  )
})

test('agents that are not at the step that was named keep their state, and say so', async () => {
  const id = await population(2)
  await cohort.steps.run({ population: id, agents: [1], observations: [[1]] })
  const { status, results, errors } = await cohort.steps.run({ population: id, observations: [[1, 1]], t: 0 })
  assert.deepEqual(
    [status, results?.agents, errors?.map(({ agent, code }) => ({ agent, code }))],
    ['partial', [0], [{ agent: 1, code: 'wrong_step' }]],
  )
})

test('what is out of range is refused with its path, and nothing changes', async () => {
  const id = await population(2)
  const run = (request: object) => cohort.steps.run({ population: id, observations: [[0, 0]], ...request })
  await assert.rejects(run({ observations: [[0, 25]] }), failsWith('observation_out_of_range'))
  await assert.rejects(run({ agents: [0, 2] }), failsWith('agent_out_of_range'))
  await assert.rejects(run({ agents: [1, 1] }), failsWith('agent_twice'))
  await assert.rejects(run({ population: 'nobody' }), failsWith('unknown_population'))
  await assert.rejects(run({ observation: 1 }), failsWith('invalid_request', 'observation'))
  assert.equal((await cohort.populations.get(id)).steps.total, 0)
})

test('a batch is told as it goes on, and once more to whoever asks later', async () => {
  const id = await population(10_000)
  const outcomes = Array.from({ length: 10_000 }, (_, i) => i % 25)
  const told: BatchEvent[] = []
  for await (const event of cohort.steps.stream({ population: id, observations: [outcomes] }))
    told.push(event)
  const last = told.at(-1)
  assert(last?.type === 'end' && last.status === 'completed')
  const agents = told.flatMap((event) => (event.type === 'results' ? event.results.agents : []))
  assert.equal(new Set(agents).size, 10_000)
  const { results } = await cohort.batches.get(last.batchId)
  assert.deepEqual(
    agents.toSorted((one, other) => one - other),
    results?.agents,
  )
  let again = 0
  for await (const event of cohort.batches.events(last.batchId)) again += event.type === 'results' ? 1 : 0
  assert.equal(again, told.length - 1)
})
