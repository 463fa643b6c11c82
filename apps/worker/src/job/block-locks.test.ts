// Promises of the block locks: one holder a key, first come first served, nobody waits for ever, nothing is kept.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BlockLocks } from './block-locks.js'

const keySets = fc.array(fc.array(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e'), { maxLength: 5 }), {
  maxLength: 24,
})

test('jobs of the same block never overlap, all get their turn, in the order in which they came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), keySets, async (scheduler, jobs) => {
      const locks = new BlockLocks()
      const holders = new Map<string, number>()
      const turns = new Map<string, number[]>()
      const run = async (keys: readonly string[], job: number) => {
        const release = await locks.acquire(keys)
        for (const key of new Set(keys)) {
          assert.equal(
            holders.has(key),
            false,
            `${key} is held by job ${holders.get(key)} while job ${job} gets it`,
          )
          holders.set(key, job)
          turns.set(key, [...(turns.get(key) ?? []), job])
        }
        await scheduler.schedule(Promise.resolve())
        for (const key of new Set(keys)) holders.delete(key)
        release()
      }
      const all = Promise.all(jobs.map(run))
      await scheduler.waitFor(all)
      for (const [key, order] of turns) {
        const came = jobs.flatMap((keys, job) => (keys.includes(key) ? [job] : []))
        assert.deepEqual(order, came, `turns of ${key}`)
      }
      assert.equal(locks.size, 0)
    }),
  )
})

test('jobs without a block in common do not wait for each other', async () => {
  const locks = new BlockLocks()
  await locks.acquire(['a'])
  const release = await locks.acquire(['b', 'c'])
  release()
  assert.equal(locks.size, 1)
})

test('a job that waits for one of its blocks already keeps its place at the others', async () => {
  const locks = new BlockLocks()
  const order: string[] = []
  const releaseA = await locks.acquire(['a'])
  const both = locks.acquire(['a', 'b']).then((release) => {
    order.push('both')
    release()
  })
  const late = locks.acquire(['b']).then((release) => {
    order.push('late')
    release()
  })
  releaseA()
  await Promise.all([both, late])
  assert.deepEqual(order, ['both', 'late'])
})
