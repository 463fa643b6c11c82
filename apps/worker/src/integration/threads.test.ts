// Promises about threads under load: killed, crashed, hung or out of memory, no step is lost or doubled, all come back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { aJob, aPopulation } from '../testing/agents.js'
import { ORDER_WORD, ORDERS } from '../testing/orders.js'
import { expectedOf, rowsOf } from '../testing/direct.js'
import { ownWorkshop } from '../testing/workshop.js'

const { shop, model } = await ownWorkshop(2, {
  threadFile: new URL('../testing/dangerous-thread.js', import.meta.url),
  heapMiB: 48,
  COHORT_HUNG_MS: '300',
})
const words = new Int32Array(shop.arena.memory.buffer, 0, 16)
const pool = shop.needs.pool as typeof shop.needs.pool & { threads: readonly unknown[] }

for (const [what, order] of Object.entries(ORDERS).filter(([, code]) => code !== ORDERS.none))
  test(`a thread under load is told to ${what}: every job is done once, and the pool is whole again`, async () => {
    const name = `load-${what}`
    const of = await aPopulation(shop.store, model, name, 1024)
    const rounds = 15
    for (let round = 0; round < rounds; round++) {
      const jobs = [0, 1, 2, 3].map((block) =>
        aJob({ model, parts: [{ of, block }], salt: 4 * round + block }),
      )
      const expected = await Promise.all(
        jobs.map(({ job }, salt) => expectedOf(shop.store, model, { job, salt: 4 * round + salt })),
      )
      await shop.put(...jobs)
      // Under every third round a thread falls.
      if (round % 3 === 1) Atomics.store(words, ORDER_WORD, order)
      const results = await Promise.all(jobs.map((job) => shop.run(job)))
      assert.equal(Atomics.load(words, ORDER_WORD), ORDERS.none, 'a thread was told')
      for (const [i, result] of results.entries()) {
        assert.ok(result?.ok, JSON.stringify(result))
        assert.deepEqual(result.columns.action, expected[i]?.columns.action)
        const job = jobs[i]?.job ?? assert.fail()
        assert.deepEqual(await rowsOf(shop.store, model, job), Buffer.from(expected[i]?.rows ?? []))
      }
      while (pool.threads.length < 2) await setTimeout(5)
    }
    assert.deepEqual(await shop.store.populations.steps(name), {
      total: rounds * 1024,
      min: rounds,
      max: rounds,
    })
    assert.equal(shop.arena.slots.bytesInUse, 0)
  })
