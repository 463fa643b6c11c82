// Promises of what agents may see: outcomes, distributions and nothing, with a real worker behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Agent } from '@cohort/contracts'
import { aModel, call, populationOf, postSteps, type ProblemBody } from './calls.js'
import { startSystem } from './support.js'

const { producer, addWorker } = await startSystem()
await addWorker()

const WAIT = { waitMs: 30_000 }

test('outcomes, distributions and nothing side by side: a sure distribution is its outcome', async () => {
  await populationOf(producer.url, 'mixed', aModel(), 300)
  const agents = [299, 2, 3, 4, 257]
  const { status, body } = await postSteps(producer.url, {
    population: 'mixed',
    agents,
    observations: [[[0, 1], 1, null, [0.5, 0.5], [1, 0]]],
    return: ['beliefs', 'vfe'],
    ...WAIT,
  })
  assert.deepEqual([status, body.status, body.errors], [200, 'completed', []])
  const beliefs = body.results?.beliefs?.[0] ?? []
  // As if it had seen 1, seen 1, nothing, as good as nothing, and 0.
  const expected = [0.1, 0.1, 0.5, 0.5, 0.9]
  for (const [i, p] of expected.entries()) {
    assert.ok(Math.abs((beliefs[i]?.[0] ?? Number.NaN) - p) < 1e-9, `${i}: ${beliefs[i]?.[0]}`)
    const stored = await call<Agent>('GET', `${producer.url}/v1/agents/mixed:${agents[i]}`)
    assert.deepEqual(stored.body.beliefs[0], beliefs[i])
  }
})

test('many requests with distributions are gathered, and each agent gets its own', async () => {
  await populationOf(producer.url, 'crowd', aModel(), 600)
  const share = (agent: number) => (agent % 101) / 100.5
  const replies = await Promise.all(
    Array.from({ length: 120 }, (_, i) => {
      const agents = [i + 480, i, i + 240]
      const observations = [agents.map((agent) => (agent % 3 === 1 ? 1 : [1 - share(agent), share(agent)]))]
      return postSteps(producer.url, {
        population: 'crowd',
        agents,
        observations,
        return: ['beliefs'],
        ...WAIT,
      })
    }),
  )
  for (const { body } of replies) {
    body.results?.agents.forEach((agent, i) => {
      const seen = agent % 3 === 1 ? 1 : share(agent)
      const [likely, other] = [0.9 - 0.8 * seen, 0.1 + 0.8 * seen]
      const belief = body.results?.beliefs?.[0]?.[i]?.[0] ?? Number.NaN
      assert.ok(Math.abs(belief - likely / (likely + other)) < 1e-9, `agent ${agent} believes ${belief}`)
    })
  }
})

test('the same key with another distribution is another request', async () => {
  await populationOf(producer.url, 'keyed', aModel(), 1)
  const body = { population: 'keyed', observations: [[[0.25, 0.75]]], ...WAIT }
  const key = { 'idempotency-key': 'k' }
  const first = await postSteps(producer.url, body, key)
  assert.deepEqual((await postSteps(producer.url, body, key)).body.batchId, first.body.batchId)
  const other = await postSteps<ProblemBody>(producer.url, { ...body, observations: [[[0.75, 0.25]]] }, key)
  assert.deepEqual([other.status, other.body.code], [409, 'key_reused'])
})

test('what is no distribution is refused with its place, and a model that passes messages takes none', async () => {
  await populationOf(producer.url, 'strict', aModel(), 2)
  await populationOf(producer.url, 'passing', { ...aModel(), options: { inference: 'messagePassing' } }, 2)
  const refusal = async (population: string, seen: unknown) => {
    const { status, body } = await postSteps<ProblemBody>(producer.url, {
      population,
      observations: [[0, seen]],
    })
    return [status, body.code, body.errors?.map(({ path }) => path).join(), body.detail]
  }
  const path = 'observations[0][1]'
  const outOfRange = [400, 'observation_out_of_range', path]
  assert.deepEqual(await refusal('strict', [0.5, 0.4]), [
    ...outOfRange,
    `${path} sums to 0.9, expected 2 probabilities that sum to 1 ± 1e-6`,
  ])
  assert.deepEqual(await refusal('strict', [1]), [
    ...outOfRange,
    `${path} has 1 probability for 2 outcomes, expected 2 probabilities, one for each outcome`,
  ])
  const invalid = [
    400,
    'invalid_request',
    path,
    `${path} must hold probabilities, expected a number from 0 to 1 for each outcome`,
  ]
  assert.deepEqual(await refusal('strict', [1.5, -0.5]), invalid)
  assert.deepEqual(await refusal('strict', []), invalid)
  assert.deepEqual(await refusal('passing', [0.5, 0.5]), [
    ...outOfRange,
    `${path} is a distribution, which inference messagePassing does not take, expected 0 to 1, or null`,
  ])
})
