// Promises about jobs that must not run: refused as a whole, with the place of the fault, before anything is touched.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, type Job } from '@cohort/contracts'
import { encodeObservations } from '@cohort/queue'
import { aJob, aModel, aPopulation, storeModel } from '../testing/agents.js'
import { ownWorkshop } from '../testing/workshop.js'

const { shop, model } = await ownWorkshop(1)
const of = await aPopulation(shop.store, model, 'p', 300)

/** Runs a job with `changes` and expects its refusal; the agents must be as they were, and the arena empty. */
async function refusal(
  changes: Partial<Job>,
  parts: Parameters<typeof aJob>[0]['parts'] = [{ of }],
): Promise<CohortError> {
  const { id, job } = aJob({ model, parts })
  const changed = { id, job: { ...job, ...changes } }
  await shop.put(changed)
  const error = await shop.run(changed).then(
    () => assert.fail('the job was not refused'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof CohortError, String(error))
  assert.deepEqual(await shop.store.populations.steps('p'), { total: 0, min: 0, max: 0 })
  assert.equal(shop.arena.slots.bytesInUse, 0)
  assert.equal(shop.needs.locks.size, 0)
  return error
}

test('an outcome beyond the model’s', async () => {
  const columns = [new Int32Array(256).fill(3), new Int32Array(256)]
  columns[1]?.set([3], 200)
  const { code, errors } = await refusal({ obs: encodeObservations(columns) })
  assert.equal(code, 'invalid_job')
  assert.deepEqual(errors, [
    { path: 'obs[1]', message: 'is out of range in row 200', got: 3, expected: '−1 to 2' },
  ])
})

test('distributions over another number of outcomes than the model’s', async () => {
  const column = new Int32Array(256)
  column.set([-2, -2], 7)
  const soft = [null, Float64Array.of(0.5, 0.5, 1, 0)]
  const { code, errors } = await refusal({ obs: encodeObservations([new Int32Array(256), column], soft) })
  assert.equal(code, 'invalid_job')
  assert.deepEqual(errors, [
    { path: 'obs[1].soft', message: 'holds distributions of another length', got: 2, expected: '3' },
  ])
})

test('distributions for a model that passes messages', async () => {
  const passing = await storeModel(shop.store, aModel(4, { inference: 'messagePassing' }))
  const { job } = aJob({ model, parts: [{ of }], soft: true })
  const { code, message } = await refusal({ model: passing.info.modelId, obs: job.obs })
  assert.equal(code, 'invalid_job')
  assert.match(message, /obs\[0\].soft is of no use .* messagePassing/)
})

test('a column too few', async () => {
  const { code, errors } = await refusal({ obs: encodeObservations([new Int32Array(256)]) })
  assert.deepEqual([code, errors[0]?.path, errors[0]?.expected], ['invalid_job', 'obs', '2'])
})

test('a model that nobody stored', async () => {
  assert.equal((await refusal({ model: 'f'.repeat(64) })).code, 'unknown_model')
})

test('a block of another model', async () => {
  const other = await storeModel(shop.store, aModel(1))
  const { code, message } = await refusal({ model: other.info.modelId })
  assert.equal(code, 'invalid_job')
  assert.match(message, /parts\[0\] is a block of another model/)
})

test('a whole block that is not as long as the part says', async () => {
  const { job } = aJob({ model, parts: [{ of, block: 1 }] })
  const longer = { ...job.parts[0]!, rows: 45 } // a job of one part has a first
  const error = await refusal({
    parts: [longer],
    count: 45,
    obs: encodeObservations([new Int32Array(45), new Int32Array(45)]),
    origins: [],
  })
  assert.deepEqual([error.code, error.errors[0]?.path], ['invalid_job', 'parts[0].rows'])
})

test('a row beyond its block', async () => {
  assert.equal((await refusal({}, [{ of, block: 1, index: [0, 44] }])).code, 'invalid_job')
})

test('a block twice, where it would be written whole', async () => {
  const { code, errors } = await refusal({}, [
    { of, index: Array.from({ length: 65 }, (_, i) => i) },
    { of, index: [100] },
  ])
  assert.deepEqual([code, errors[0]?.path], ['invalid_job', 'parts[1]'])
})

test('data that is no job at all', async () => {
  for (const data of [null, 7, 'garbage', [], {}, { v: 1 }]) {
    const garbage = { id: 'j-garbage', job: data as unknown as Job }
    await assert.rejects(
      shop.run(garbage),
      (error: unknown) => error instanceof CohortError && error.code === 'invalid_job',
    )
  }
})

test('a model whose text is not what its id says', async () => {
  const stored = await storeModel(shop.store, aModel(2))
  const key = `{s0}:m:${stored.info.modelId}`
  const json = (await shop.redis.hget(key, 'json')) ?? ''
  await shop.redis.hset(key, 'json', '{}')
  assert.equal((await refusal({ model: stored.info.modelId })).code, 'corrupt_record')
  // Nothing of it is remembered: the next job reads what is there then, and refuses for another reason.
  await shop.redis.hset(key, 'json', json)
  assert.equal((await refusal({ model: stored.info.modelId })).code, 'invalid_job')
})
