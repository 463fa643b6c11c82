// Promises of models, populations and agents over HTTP.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Agent, ModelInfo, Population, PopulationCreated } from '@cohort/contracts'
import { aModel, call, makePopulation, putModel } from './calls.js'
import { startSystem } from './support.js'

const { producer } = await startSystem()
const modelId = await putModel(producer.url)

const url = (path: string) => `${producer.url}${path}`

test('the same model is put once, whatever its numbers’ notation, and read with its defaults', async () => {
  const again = await call<ModelInfo>(
    'PUT',
    url('/v1/models'),
    '{"D":[[5e-1,0.50]],"C":[[0.0,1]],"B":[[[[1,0],[0,1]],[[0,1],[1,0]]]],"A":[[[0.9,0.1],[0.1,0.9]]]}',
  )
  assert.deepEqual([again.status, again.body.modelId], [200, modelId])
  const other = await call<ModelInfo>('PUT', url('/v1/models'), { ...aModel(), C: [[0, 2]] })
  assert.equal(other.status, 201)
  assert.notEqual(other.body.modelId, modelId)
  assert.deepEqual(other.body.shapes, { numObs: [2], numStates: [2], numControls: [2] })
  const read = await call<{ E: number[]; options: { gamma: number } }>('GET', url(`/v1/models/${modelId}`))
  assert.deepEqual([read.status, read.body.E, read.body.options.gamma], [200, [0.5, 0.5], 16])
})

test('a population is created once, and found by the same request', async () => {
  const request = { id: 'once', modelId, count: 300, seed: 7 }
  const first = await call<PopulationCreated>('POST', url('/v1/populations'), request)
  assert.deepEqual(
    [first.status, first.body],
    [201, { populationId: 'once', modelId, count: 300, blocks: 2, state: 'ready' }],
  )
  const again = await call<PopulationCreated>('POST', url('/v1/populations'), request)
  assert.deepEqual([again.status, again.body], [200, first.body])
  const { body } = await call<Population>('GET', url('/v1/populations/once'))
  assert.deepEqual(body, { ...first.body, seed: 7, steps: { total: 0, min: 0, max: 0 } })
})

test('a population without an id gets one', async () => {
  const { status, body } = await call<PopulationCreated>('POST', url('/v1/populations'), {
    modelId,
    count: 1,
  })
  assert.equal(status, 201)
  assert.match(body.populationId, /^p-[0-9a-f-]{36}$/)
})

test('an agent is at its initial beliefs, without a last action', async () => {
  await makePopulation(producer.url, 'fresh', 257)
  for (const agentId of ['fresh:0', 'fresh:256']) {
    const { status, body } = await call<Agent>('GET', url(`/v1/agents/${encodeURIComponent(agentId)}`))
    assert.deepEqual(
      [status, body],
      [200, { agentId, modelId, step: 0, beliefs: [[0.5, 0.5]], lastAction: null }],
    )
  }
})

test('a creation that takes a while is answered before its end, and then goes on to it', async () => {
  const request = { id: 'large', modelId, count: 1_000_000 }
  const created = await call<PopulationCreated>('POST', url('/v1/populations'), request)
  // Where the machine is fast enough for a million agents in a second, there is nothing to see.
  if (created.status !== 201) {
    assert.deepEqual([created.status, created.body.state], [202, 'creating'])
    const early = await call<{ code: string }>('POST', url('/v1/steps'), {
      population: 'large',
      agents: [0],
      observations: [[0]],
    })
    if (early.status !== 202)
      assert.deepEqual(
        [early.status, early.body.code, early.headers.get('retry-after')],
        [409, 'population_creating', '1'],
      )
  }
  // Joins the creation, or finds its end.
  for (;;) {
    const { body } = await call<PopulationCreated>('POST', url('/v1/populations'), request)
    if (body.state === 'ready') break
  }
  const { body } = await call<Agent>('GET', url('/v1/agents/large:999999'))
  assert.equal(body.step, 0)
})

test('what is deleted is gone, and its id is free', async () => {
  await makePopulation(producer.url, 'short-lived', 10)
  assert.equal((await call('DELETE', url('/v1/populations/short-lived'))).status, 204)
  for (const path of ['/v1/populations/short-lived', '/v1/agents/short-lived:0'])
    assert.equal((await call('GET', url(path))).status, 404)
  assert.equal((await call('DELETE', url('/v1/populations/short-lived'))).status, 404)
  await makePopulation(producer.url, 'short-lived', 20)
})

test('the page of the API and its document need nothing from elsewhere', async () => {
  const { body: document } = await call<{ paths: object }>('GET', url('/openapi.json'))
  assert.ok('/v1/steps' in document.paths)
  const page = await call<string>('GET', url('/docs'))
  assert.equal(page.status, 200)
  assert.equal((await call('GET', url('/docs/?a'))).body, page.body)
  assert.match(page.type, /^text\/html/)
  assert.doesNotMatch(page.body, /https?:|\/\/[a-z]/)
  const [script = ''] = [...page.body.matchAll(/src="([^"]+)"/g)].map(([, source = '']) => source)
  const { status, type } = await call<string>('GET', new URL(script, url('/docs')).href)
  assert.deepEqual([status, type.split(';')[0]], [200, 'application/javascript'])
})
