// Promises of a worker with little memory: a model too large for it harms no other, and more models than fit all step.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, type Model } from '@cohort/contracts'
import type { PopulationRecord } from '@cohort/store'
import { aJob, aPopulation, storeModel } from '../testing/agents.js'
import { completed, ownWorkshop } from '../testing/workshop.js'

const MIB = 2 ** 20
const { shop, model } = await ownWorkshop(2, {
  COHORT_ARENA_BYTES: String(8 * MIB),
  COHORT_MAX_JOB_BYTES: String(MIB),
  COHORT_MAX_AGENT_BYTES: '4096',
  COHORT_MAX_MODEL_BYTES: '250000',
})

/** As many outcomes as states, and five actions; `seed` makes another one. */
function storeLarge(states: number, seed: number) {
  const column = (from: number) =>
    Array.from({ length: states }, (_, to) => 1 + ((7 * to + 11 * from + 13 * seed) % 17))
  const columns = Array.from({ length: states + 5 }, (_, from) => {
    const weights = column(from)
    const sum = weights.reduce((total, weight) => total + weight)
    return weights.map((weight) => weight / sum)
  })
  const rows = Array.from({ length: states }, (_, row) => row)
  const model: Model = {
    A: [rows.map((seen) => rows.map((state) => columns[state]?.[seen] ?? 0))],
    B: [rows.map((next) => rows.map((from) => [0, 1, 2, 3, 4].map((a) => columns[from + a]?.[next] ?? 0)))],
  }
  return storeModel(shop.store, model)
}

test('a model that does not fit this worker is refused before its job is taken apart; others go on', async () => {
  const large = await storeLarge(100, 0)
  const of = await aPopulation(shop.store, large, 'large', 10)
  const job = aJob({ model: large, parts: [{ of }] })
  await shop.put(job)
  await assert.rejects(
    shop.run(job),
    (error: unknown) =>
      error instanceof CohortError && error.code === 'model_too_large' && /modelBytes/.test(error.message),
  )
  assert.deepEqual(await shop.store.populations.steps('large'), { total: 0, min: 0, max: 0 })
  assert.deepEqual([shop.arena.slots.bytesInUse, shop.arena.matrices.bytesInUse], [0, 0])
  const other = aJob({ model, parts: [{ of: await aPopulation(shop.store, model, 'small', 10) }] })
  await shop.put(other)
  assert.deepEqual(completed(await shop.run(other)).columns.step, new Array<number>(10).fill(1))
})

test('more models than fit, in turn: every agent steps once a round, and nothing leaks', async () => {
  const MODELS = 60
  const ROUNDS = 3
  const models = await Promise.all(Array.from({ length: MODELS }, (_, seed) => storeLarge(50, seed)))
  const populations: PopulationRecord[] = []
  for (const [i, one] of models.entries())
    populations.push(await aPopulation(shop.store, one, `models-${i}`, 4))
  const inUse: number[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const jobs = models.map((one, i) => {
      const of = populations[i] ?? assert.fail()
      return aJob({ model: one, parts: [{ of }] })
    })
    await shop.put(...jobs)
    const results = []
    // Four at a time, as a worker takes them.
    for (let at = 0; at < jobs.length; at += 4)
      results.push(...(await Promise.all(jobs.slice(at, at + 4).map((job) => shop.run(job)))))
    for (const result of results)
      assert.deepEqual(completed(result).columns.step, [round, round, round, round])
    inUse.push(shop.arena.matrices.bytesInUse)
  }
  const { capacity } = shop.arena.matrices
  // Full, but for less than a model; and no fuller from round to round.
  assert.ok(
    inUse.every((bytes) => bytes <= capacity && bytes > 0.8 * capacity),
    `${inUse.join()} of ${capacity}`,
  )
  const all = models.reduce((sum, { info }) => sum + info.compiledBytes, 0)
  assert.ok(all > capacity, `${all} of ${capacity}`)
  assert.equal(shop.arena.slots.bytesInUse, 0)
})
