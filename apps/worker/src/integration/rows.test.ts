// Promises about rows that cannot step: each says why, keeps its bytes, and harms no other row.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RETURN_FIELDS, type RowError } from '@cohort/contracts'
import { NUMERICS } from '@cohort/inference'
import { aJob, aPopulation } from '../testing/agents.js'
import { expectedOf, rowsOf } from '../testing/direct.js'
import { completed, ownWorkshop } from '../testing/workshop.js'

const BLOCK_HEADER_BYTES = 64
/** Where a block's header says which kernel made it, u16. */
const NUMERICS_AT = 6
const { shop, model } = await ownWorkshop()

const rowsAndCodes = (errors: readonly RowError[]) => errors.map(({ row, code }) => [row, code])
const blockKey = (population: string, block: number) => `{s0}:b:${population}:${block}`

test('agents that are not at the step that t names keep their state; the others step', async () => {
  const of = await aPopulation(shop.store, model, 'late', 300)
  const ahead = aJob({ model, parts: [{ of, index: [2, 5] }] })
  const job = aJob({
    model,
    parts: [{ of }, { of, block: 1 }],
    t: 0,
    return: [...RETURN_FIELDS],
  })
  await shop.put(ahead, job)
  await shop.run(ahead)
  const before = await rowsOf(shop.store, model, ahead.job)
  const { columns, errors } = completed(await shop.run(job))
  assert.deepEqual(rowsAndCodes(errors), [
    [2, 'wrong_step'],
    [5, 'wrong_step'],
  ])
  assert.equal(errors[0]?.detail, 'the agent is at step 1, not at 0')
  assert.deepEqual(await rowsOf(shop.store, model, ahead.job), before)
  assert.deepEqual([columns.step?.[2], columns.action?.map((column) => column[2])], [0, [0, 0]])
  assert.deepEqual(
    [columns.beliefs?.[1]?.[5], columns.qPi?.[5], columns.G?.[5], columns.vfe?.[5]],
    [null, null, null, null],
  )
  assert.deepEqual(
    [columns.iterations?.[5], columns.margin?.[1]?.[5], columns.terms?.utility[5]],
    [null, null, null],
  )
  assert.equal(columns.step?.filter((step) => step === 1).length, 298)
})

test('a poisoned state fails alone and is not written over', async () => {
  const of = await aPopulation(shop.store, model, 'poison', 256)
  const poison = Buffer.alloc(8)
  poison.writeDoubleLE(Number.NaN)
  await shop.redis.setrange(blockKey('poison', 0), BLOCK_HEADER_BYTES + 4 * model.info.rowBytes + 24, poison)
  const job = aJob({ model, parts: [{ of }] })
  const poisoned = aJob({ model, parts: [{ of, index: [4] }] })
  const before = await rowsOf(shop.store, model, poisoned.job)
  await shop.put(job)
  const { errors } = completed(await shop.run(job))
  assert.deepEqual(rowsAndCodes(errors), [[4, 'poisoned_state']])
  assert.deepEqual(await rowsOf(shop.store, model, poisoned.job), before)
  assert.deepEqual(await shop.store.populations.steps('poison'), { total: 255, min: 0, max: 1 })
})

test('parts of a population that was deleted, or deleted and made again, fail; the rest is applied', async () => {
  const [kept, gone, again] = [
    await aPopulation(shop.store, model, 'kept', 10),
    await aPopulation(shop.store, model, 'gone', 3),
    await aPopulation(shop.store, model, 'again', 2),
  ]
  const job = aJob({ model, parts: [{ of: gone }, { of: kept }, { of: again, index: [1] }] })
  const { columns: expected } = await expectedOf(shop.store, model, { job: job.job })
  await shop.store.populations.delete('gone')
  await shop.store.populations.delete('again')
  await aPopulation(shop.store, model, 'again', 2)
  await shop.put(job)
  const { columns, errors } = completed(await shop.run(job))
  assert.deepEqual(
    rowsAndCodes(errors),
    [0, 1, 2, 13].map((row) => [row, 'population_gone']),
  )
  assert.deepEqual(columns.step, [0, 0, 0, ...Array(10).fill(1), 0])
  assert.deepEqual(
    columns.action,
    expected.action.map((column) => [0, 0, 0, ...column.slice(3, 13), 0]),
  )
  assert.deepEqual(await shop.store.populations.steps('again'), { total: 0, min: 0, max: 0 })
})

test('a job of which nothing is left is answered all the same', async () => {
  const of = await aPopulation(shop.store, model, 'none', 2)
  await shop.store.populations.delete('none')
  const job = aJob({ model, parts: [{ of }] })
  await shop.put(job)
  const first = completed(await shop.run(job))
  assert.deepEqual(rowsAndCodes(first.errors), [
    [0, 'population_gone'],
    [1, 'population_gone'],
  ])
  assert.deepEqual(completed(await shop.run(job)), first)
})

test('a damaged record harms its own rows only, and nothing is written over it', async () => {
  const [sound, damaged] = [
    await aPopulation(shop.store, model, 'sound', 5),
    await aPopulation(shop.store, model, 'damaged', 5),
  ]
  await shop.redis.setrange(blockKey('damaged', 0), 0, 'XXXX')
  const before = await shop.redis.getBuffer(blockKey('damaged', 0))
  const job = aJob({ model, parts: [{ of: damaged, index: [1, 2] }, { of: sound }] })
  await shop.put(job)
  const { columns, errors } = completed(await shop.run(job))
  assert.deepEqual(rowsAndCodes(errors), [
    [0, 'corrupt_record'],
    [1, 'corrupt_record'],
  ])
  assert.deepEqual(columns.step, [0, 0, 1, 1, 1, 1, 1])
  assert.deepEqual(await shop.redis.getBuffer(blockKey('damaged', 0)), before)
})

test('a block that another kernel made fails its own rows, says so, and keeps its bytes', async () => {
  const [sound, foreign] = [
    await aPopulation(shop.store, model, 'ours', 5),
    await aPopulation(shop.store, model, 'foreign', 5),
  ]
  await shop.redis.setrange(blockKey('foreign', 0), NUMERICS_AT, Buffer.from([NUMERICS + 1, 0]))
  const before = await shop.redis.getBuffer(blockKey('foreign', 0))
  const job = aJob({ model, parts: [{ of: foreign, index: [3] }, { of: sound }] })
  await shop.put(job)
  const { columns, errors } = completed(await shop.run(job))
  assert.deepEqual(rowsAndCodes(errors), [[0, 'corrupt_record']])
  assert.match(
    errors[0]?.detail ?? '',
    new RegExp(
      `block 0 of foreign: it was made by a kernel of numerics ${NUMERICS + 1}, .* are ${NUMERICS}$`,
    ),
  )
  assert.deepEqual(columns.step, [0, 1, 1, 1, 1, 1])
  assert.deepEqual(await shop.redis.getBuffer(blockKey('foreign', 0)), before)
})
