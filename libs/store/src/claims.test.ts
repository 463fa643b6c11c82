// What claims promise: one batch has a key, and only a claim that came to nothing gives way.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { batchId, UNANSWERED_SECONDS, type BatchId } from '@cohort/contracts'
import type { ClaimKey } from './claims.js'
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
  assert.deepEqual(found, first)
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

const recordOf = ({ batch }: { batch: BatchId }, claim: ClaimKey | undefined) => ({
  record: {
    id: batch,
    population: 'p',
    return: ['step'] as const,
    agents: [0],
    jobs: [{ jobId: 'j-1', rows: [0], positions: [0] }],
    marks: { arrived: 1, admitted: 2, added: 3 },
  },
  claim,
})

test('a claim whose batch has a record gives way to nobody', async () => {
  await store.claims.take(key, first)
  assert.deepEqual(await store.batches.write([recordOf(first, key)]), [])
  assert.equal((await store.claims.take(key, second, first.batch))?.batch, first.batch)
})

test('a batch whose claim was taken over, or has ended, gets no record; others in the same write do', async () => {
  await store.claims.take(key, first)
  await store.claims.take(key, second, first.batch)
  const lost = await store.batches.write([recordOf(first, key), recordOf(third, undefined)])
  assert.deepEqual(lost, [first.batch])
  assert.equal(await store.batches.read(first.batch), undefined)
  assert.equal((await store.batches.read(third.batch))?.id, third.batch)
  await server.redis.del(name)
  assert.deepEqual(await store.batches.write([recordOf(second, key)]), [second.batch])
})

test('claim and record outlive any wait for a worker, and from the answer on live as long as it does', async () => {
  await store.claims.take(key, first)
  const written = recordOf(first, key)
  await store.batches.write([written])
  const lives = () => Promise.all([name, keys.batch(first.batch)].map((one) => server.redis.ttl(one)))
  assert.ok((await lives()).every((seconds) => seconds > UNANSWERED_SECONDS - 60))
  await store.batches.ended([written])
  assert.ok((await lives()).every((seconds) => seconds > 0 && seconds <= 60))
})
