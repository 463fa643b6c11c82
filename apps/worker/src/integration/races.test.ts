// Promises about what comes between: other workers at the same blocks, and compute threads that die.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { BlockLocks } from '../job/block-locks.js'
import type { JobNeeds } from '../job/run-job.js'
import { aJob, aPopulation } from '../testing/agents.js'
import { expectedOf, rowsOf, type DirectSteps } from '../testing/direct.js'
import { ownWorkshop } from '../testing/workshop.js'

const { shop, model } = await ownWorkshop()

/** A pool whose threads die under the first so many compute tasks. */
function dying(times: number): JobNeeds['pool'] {
  let left = times
  return {
    idle: 0,
    run: async (task) => {
      const answer = await shop.needs.pool.run(task)
      if (task.kind === 'compute' && left-- > 0) throw new CohortError('thread_lost', 'planted')
      return answer
    },
  }
}

test('jobs of several workers at the same blocks are all applied, each once', async () => {
  const of = await aPopulation(shop.store, model, 'shared', 300)
  // A worker knows nothing of the locks of another.
  const workers = Array.from({ length: 4 }, () => ({ locks: new BlockLocks() }))
  const jobs = Array.from({ length: 24 }, (_, i) => {
    const [block, other] = [i % 2, 1 - (i % 2)]
    return aJob({
      model,
      parts: [
        { of, block },
        { of, block: other, index: [i] },
      ],
      salt: i,
    })
  })
  await shop.put(...jobs)
  await Promise.all(jobs.map((job, i) => shop.run(job, workers[i % workers.length])))
  assert.deepEqual(await shop.store.populations.steps('shared'), { total: 12 * 300 + 24, min: 12, max: 13 })
})

test('a step that lost the race is computed again from what the winner left', async () => {
  const of = await aPopulation(shop.store, model, 'race', 256)
  const [winner, loser] = [
    aJob({ model, parts: [{ of }] }),
    aJob({ model, parts: [{ of }], salt: 1, return: ['beliefs'] }),
  ]
  await shop.put(winner, loser)
  let expected: Promise<DirectSteps> | undefined
  const pool: JobNeeds['pool'] = {
    idle: 0,
    run: async (task) => {
      expected ??= shop
        .run(winner, { locks: new BlockLocks() })
        .then(() => expectedOf(shop.store, model, { job: loser.job, salt: 1 }))
      await expected
      return shop.needs.pool.run(task)
    },
  }
  const result = await shop.run(loser, { pool })
  assert.ok(result?.ok)
  assert.deepEqual(result.columns.beliefs, (await expected)?.columns.beliefs)
  assert.deepEqual(await shop.store.populations.steps('race'), { total: 512, min: 2, max: 2 })
})

test('a thread that dies under a job costs nothing but a second try', async () => {
  const of = await aPopulation(shop.store, model, 'crash', 256)
  const job = aJob({ model, parts: [{ of }] })
  const expected = await expectedOf(shop.store, model, { job: job.job })
  await shop.put(job)
  const result = await shop.run(job, { pool: dying(1) })
  assert.ok(result?.ok)
  assert.deepEqual(result.columns.action, expected.columns.action)
  assert.deepEqual(await rowsOf(shop.store, model, job.job), Buffer.from(expected.rows))
})

test('a job under which threads die again fails alone, applied to nobody', async () => {
  const of = await aPopulation(shop.store, model, 'crashes', 256)
  const job = aJob({ model, parts: [{ of }] })
  await shop.put(job)
  await assert.rejects(
    shop.run(job, { pool: dying(Infinity) }),
    (error: unknown) => error instanceof CohortError && error.code === 'internal',
  )
  assert.deepEqual(await shop.store.populations.steps('crashes'), { total: 0, min: 0, max: 0 })
  assert.equal(shop.arena.slots.bytesInUse, 0)
})

test('a job gives its slots back only when none of its tasks runs any more', async () => {
  const of = await aPopulation(shop.store, model, 'rest', 4096)
  const job = aJob({ model, parts: Array.from({ length: 16 }, (_, block) => ({ of, block })) })
  await shop.put(job)
  let running = 0
  let begun = false
  const left: number[] = []
  const needs: Pick<JobNeeds, 'pool' | 'slots'> = {
    pool: {
      idle: 0,
      run: async (task) => {
        // The first task of each try is lost at once, while the others run.
        if (task.kind === 'compute' && !begun) {
          begun = true
          throw new CohortError('thread_lost', 'planted')
        }
        running++
        return shop.needs.pool.run(task).finally(() => running--)
      },
    },
    slots: {
      acquire: (bytes) => {
        begun = false
        return shop.needs.slots.acquire(bytes)
      },
      release: (offset) => {
        left.push(running)
        shop.needs.slots.release(offset)
      },
    },
  }
  await assert.rejects(shop.run(job, needs), CohortError)
  assert.deepEqual(left, [0, 0])
})
