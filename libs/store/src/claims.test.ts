// What claims promise: one batch has a key, and only a claim that came to nothing gives way.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { batchId } from '@cohort/contracts'
import { keys } from './keys.js'
import { ownStore } from './testing/own-store.js'

const { server, store } = await ownStore()
beforeEach(() => server.redis.flushall())

const claimOf = (number: number) => ({
  batch: batchId(`00000000-0000-4000-8000-00000000000${number}`),
  fingerprint: `f${number}`,
})
const [first, second, third] = [claimOf(1), claimOf(2), claimOf(3)]
const key = { population: 'p', generation: '0'.repeat(16), key: 'k' }
const name = keys.claim(key.population, key.generation, key.key)

test('the first to come has the key, and those after it learn whose it is', async () => {
  assert.equal(await store.claims.take(key, first), undefined)
  const { ageMs, ...found } = (await store.claims.take(key, second)) ?? assert.fail()
  assert.deepEqual(found, { ...first, queued: false })
  assert.ok(ageMs >= 0)
})

test('of many at the same time one has it', async () => {
  const all = await Promise.all(
    [first, second, third, first, second].map((mine) => store.claims.take(key, mine)),
  )
  assert.equal(all.filter((found) => found === undefined).length, 1)
})

test('a population made again under its id has keys of its own', async () => {
  await store.claims.take(key, first)
  assert.equal(await store.claims.take({ ...key, generation: '1'.repeat(16) }, second), undefined)
})

test('a claim gives way to the first of those who name its batch, and to nobody else', async () => {
  await store.claims.take(key, first)
  assert.equal((await store.claims.take(key, second, third.batch))?.batch, first.batch)
  assert.equal(await store.claims.take(key, second, first.batch), undefined)
  assert.equal((await store.claims.take(key, third, first.batch))?.batch, second.batch)
})

test('a claim whose batch is queued gives way to nobody', async () => {
  await store.claims.take(key, first)
  await store.claims.markQueued(key, first.batch)
  const found = await store.claims.take(key, second, first.batch)
  assert.deepEqual([found?.batch, found?.queued], [first.batch, true])
})

test('one whose claim was taken over, or has ended, marks nothing', async () => {
  await store.claims.take(key, second)
  await store.claims.markQueued(key, first.batch)
  assert.equal((await store.claims.take(key, third))?.queued, false)
  await server.redis.del(name)
  await store.claims.markQueued(key, second.batch)
  assert.equal(await server.redis.exists(name), 0)
})

test('a claim lives as long as a record does', async () => {
  await store.claims.take(key, first)
  await store.claims.markQueued(key, first.batch)
  const ttl = await server.redis.ttl(name)
  assert.ok(ttl > 0 && ttl <= 60)
})
