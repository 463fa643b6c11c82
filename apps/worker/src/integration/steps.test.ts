// Promises of a worker's legs: what comes out of queue, store, arena and threads is what the kernel says, to the bit.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RETURN_FIELDS, type Job } from '@cohort/contracts'
import { aJob, aModel, aPopulation, storeModel } from '../testing/agents.js'
import { expectedOf, rowsOf } from '../testing/direct.js'
import { completed, ownWorkshop } from '../testing/workshop.js'

const ALL: Job['return'] = [...RETURN_FIELDS]
const { shop, model } = await ownWorkshop()

test('whole blocks, single rows and many rows of a block step exactly as the kernel steps them', async () => {
  const [one, two] = [
    await aPopulation(shop.store, model, 'one', 600),
    await aPopulation(shop.store, model, 'two', 300),
  ]
  const hundred = Array.from({ length: 100 }, (_, i) => 2 * i + 1)
  const parts = [
    { of: one },
    { of: one, block: 2 },
    { of: one, block: 1, index: [0, 3, 4, 255] },
    { of: two, index: hundred },
    { of: two, block: 1 },
  ]
  for (const salt of [0, 1, 2]) {
    const { id, job } = aJob({ model, parts, salt, return: ALL })
    const expected = await expectedOf(shop.store, model, { job, salt })
    await shop.put({ id, job })
    const { columns, errors } = completed(await shop.run({ id, job }))
    assert.deepEqual(errors, [])
    assert.deepEqual(columns, expected.columns)
    assert.deepEqual(await rowsOf(shop.store, model, job), Buffer.from(expected.rows))
  }
  const all = await shop.store.populations.steps('two')
  assert.deepEqual(all, { total: 3 * (100 + 44), min: 0, max: 3 })
})

test('only the columns that were asked for come back, and the marks are in the order of the legs', async () => {
  const of = await aPopulation(shop.store, model, 'marks', 20)
  const { id, job } = aJob({ model, parts: [{ of }], return: ['vfe'] })
  await shop.put({ id, job })
  const { columns, marks } = completed(await shop.run({ id, job }))
  assert.deepEqual(Object.keys(columns), ['vfe'])
  const order = [marks.taken, marks.load, marks.dispatch, marks.compute, marks.commit]
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  )
})

test('steps that are refused teach nothing of what a step costs', async () => {
  const of = await aPopulation(shop.store, model, 'refused', 256)
  const costNow = async () => {
    const lease = await shop.needs.models.lease(model.info.modelId)
    lease.release()
    return lease.info.cost.meanMs
  }
  const before = await costNow()
  for (let salt = 0; salt < 20; salt++) {
    const { id, job } = aJob({ model, parts: [{ of }], salt })
    const stale = { ...job, origins: job.origins.map((origin) => ({ ...origin, t: 999 })) }
    await shop.put({ id, job: stale })
    assert.equal(completed(await shop.run({ id, job: stale })).errors.length, 256)
  }
  assert.equal(await costNow(), before)
})

test('a model of another kind steps in the same process', async () => {
  const deep = await storeModel(shop.store, aModel(3, { policyLen: 2, actionSelection: 'deterministic' }))
  const of = await aPopulation(shop.store, deep, 'deep', 256)
  const { id, job } = aJob({ model: deep, parts: [{ of }], return: ALL })
  const expected = await expectedOf(shop.store, deep, { job })
  await shop.put({ id, job })
  assert.deepEqual(completed(await shop.run({ id, job })).columns, expected.columns)
})

test('two jobs of one block at once are both applied, one after the other', async () => {
  const of = await aPopulation(shop.store, model, 'both', 256)
  const jobs = [
    aJob({ model, parts: [{ of }] }),
    aJob({ model, parts: [{ of, index: [7, 9] }], salt: 3 }),
    aJob({ model, parts: [{ of }] }),
  ]
  await shop.put(...jobs)
  const results = await Promise.all(jobs.map((job) => shop.run(job)))
  const steps = results.map((result) => completed(result).columns.step)
  assert.deepEqual(steps, [
    Array(256).fill(1),
    [2, 2],
    Array.from({ length: 256 }, (_, row) => (row === 7 || row === 9 ? 3 : 2)),
  ])
  assert.equal(shop.needs.locks.size, 0)
})

test('a job delivered twice is applied once, and its answer is the same', async () => {
  const of = await aPopulation(shop.store, model, 'twice', 256)
  const job = aJob({ model, parts: [{ of }], return: ALL })
  await shop.put(job)
  const [first, second] = [completed(await shop.run(job)), completed(await shop.run(job))]
  assert.deepEqual(second, first)
  assert.deepEqual(await shop.store.populations.steps('twice'), { total: 256, min: 1, max: 1 })
})

test('a job that no longer exists writes nothing', async () => {
  const of = await aPopulation(shop.store, model, 'zombie', 256)
  assert.equal(await shop.run(aJob({ model, parts: [{ of }] })), undefined)
  assert.deepEqual(await shop.store.populations.steps('zombie'), { total: 0, min: 0, max: 0 })
})

test('the arena is empty again when all jobs are done', () => {
  assert.equal(shop.arena.slots.bytesInUse, 0)
})
