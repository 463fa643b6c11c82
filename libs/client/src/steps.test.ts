// Promises of steps.run, steps.enqueue and batches.wait: never doubled, never lost track of.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cohort, CohortError } from './index.js'
import { json, problem, scripted, text, truncated } from './testing/scripted-server.js'

const batchId = 'b-00000000-0000-4000-8000-000000000001'
const done = {
  batchId,
  status: 'completed',
  results: { agents: [0, 1], step: [1, 1], action: [[2, 3]] },
  errors: [],
}
const request = { population: 'p', observations: [[0, null]] }
const failsWith = (code: string) => (error: unknown) => error instanceof CohortError && error.code === code

test('a step that was overloaded once is sent again with the same key', async (t) => {
  const server = await scripted(t, problem(429, 'overloaded', { 'retry-after': '0' }), json(200, done))
  const batch = await new Cohort({ url: server.url }).steps.run(request)
  assert.deepEqual(batch.results, done.results)
  const keys = server.got.map(({ headers }) => headers['idempotency-key'])
  assert.equal(keys.length, 2)
  assert.match(String(keys[0]), /^[0-9a-f-]{36}$/)
  assert.equal(keys[1], keys[0])
})

test('two calls have two keys; a key of the caller is kept', async (t) => {
  const server = await scripted(t, json(200, done))
  const { steps } = new Cohort({ url: server.url })
  await steps.run(request)
  await steps.run(request)
  await steps.run(request, { idempotencyKey: 'mine' })
  const [first, second, third] = server.got.map(({ headers }) => headers['idempotency-key'])
  assert.notEqual(first, second)
  assert.equal(third, 'mine')
})

test('an answer that broke off is asked for again with the same key', async (t) => {
  const server = await scripted(t, truncated, json(200, done))
  await new Cohort({ url: server.url }).steps.run(request)
  assert.equal(server.got[1]?.headers['idempotency-key'], server.got[0]?.headers['idempotency-key'])
})

test('run waits at the producer, then polls the batch until it has ended', async (t) => {
  const server = await scripted(
    t,
    json(202, { batchId, status: 'queued' }),
    json(200, { batchId, status: 'active' }),
    json(200, done),
  )
  const batch = await new Cohort({ url: server.url }).steps.run(request)
  assert.equal(batch.status, 'completed')
  assert.deepEqual(
    server.got.map(({ method, path }) => `${method} ${path}`),
    ['POST /v1/steps', `GET /v1/batches/${batchId}`, `GET /v1/batches/${batchId}`],
  )
  assert.deepEqual(server.got[0]?.body, { ...request, waitMs: 30_000 })
})

test('a batch that is not done in time is named in the error', async (t) => {
  const server = await scripted(
    t,
    json(202, { batchId, status: 'queued' }),
    json(200, { batchId, status: 'active' }),
  )
  const run = new Cohort({ url: server.url }).steps.run(request, { deadlineMs: 30 })
  await assert.rejects(run, (error) => {
    assert(error instanceof CohortError)
    assert.equal(error.code, 'not_done')
    assert.equal(error.errors[0]?.got, batchId)
    return true
  })
  assert.deepEqual((server.got[0]?.body as { waitMs?: number } | undefined)?.waitMs, 30)
})

test('enqueue does not wait', async (t) => {
  const server = await scripted(t, json(202, { batchId, status: 'queued' }))
  const accepted = await new Cohort({ url: server.url }).steps.enqueue({ ...request, t: 4, agents: [5, 3] })
  assert.deepEqual(accepted, { batchId, status: 'queued' })
  assert.deepEqual(server.got[0]?.body, { ...request, t: 4, agents: [5, 3], waitMs: 0 })
})

test('a batch that failed is data, not an exception', async (t) => {
  const errors = [{ agent: 0, code: 'poisoned_state', detail: 'not a distribution' }]
  const server = await scripted(t, json(200, { batchId, status: 'failed', errors }))
  const batch = await new Cohort({ url: server.url }).steps.run(request)
  assert.deepEqual(batch, { batchId, status: 'failed', errors })
})

test('typed arrays are columns; NaN is refused before it would be read as "saw nothing"', async (t) => {
  const server = await scripted(t, json(200, done))
  const { steps } = new Cohort({ url: server.url })
  await steps.run({ population: 'p', observations: [Int32Array.of(7, 8)] })
  assert.deepEqual((server.got[0]?.body as { observations?: unknown } | undefined)?.observations, [[7, 8]])
  await assert.rejects(
    steps.run({ population: 'p', observations: [[1], [0, Number.NaN]] }),
    (error) => error instanceof CohortError && error.errors[0]?.path === 'observations[1][1]',
  )
  assert.equal(server.got.length, 1)
})

test('distributions go as they are, typed or plain; one with NaN is refused', async (t) => {
  const server = await scripted(t, json(200, done))
  const { steps } = new Cohort({ url: server.url })
  await steps.run({ population: 'p', observations: [[Float64Array.of(0.5, 0.5), [1, 0], null, 1]] })
  assert.deepEqual((server.got[0]?.body as { observations?: unknown } | undefined)?.observations, [
    [[0.5, 0.5], [1, 0], null, 1],
  ])
  for (const wrong of [Float64Array.of(Number.NaN, 1), [], {} as number[]])
    await assert.rejects(
      steps.run({ population: 'p', observations: [[0, wrong]] }),
      (error) => error instanceof CohortError && error.errors[0]?.path === 'observations[0][1]',
    )
  assert.equal(server.got.length, 1)
})

test('a gateway without its producer is tried again, as often as was said and no more', async (t) => {
  const server = await scripted(t, text(502, '<h1>Bad gateway</h1>'))
  const run = new Cohort({ url: server.url, retries: 1 }).steps.run(request)
  await assert.rejects(run, failsWith('answer_lost'))
  assert.equal(server.got.length, 2)
})
