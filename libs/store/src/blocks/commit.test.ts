// What a commit promises: a job is applied once, whole or not at all, over the state that it loaded.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { beforeEach, test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { keys } from '../keys.js'
import type { PopulationRecord } from '../population/record.js'
import {
  addJob,
  aPopulation,
  appliedJobs,
  CHANNEL,
  commit,
  load,
  partOf,
  removeJob,
  ROW_BYTES,
  runJob,
  stepped,
} from '../testing/agents.js'
import { ownStore } from '../testing/own-store.js'
import { HEADER_BYTES } from './block-record.js'

const { server, store } = await ownStore()
let swarm: PopulationRecord
const recordOf = (block: number) => server.redis.getBuffer(keys.block('swarm', block)) as Promise<Buffer>

beforeEach(async () => {
  await server.redis.flushall()
  swarm = await aPopulation(store, 'swarm')
})

test('a commit writes rows, version, result and mark of a whole-block job', async () => {
  const job = await addJob(server.redis, 1)
  assert.deepEqual(await runJob(store, job, [partOf(swarm, 0), partOf(swarm, 2)]), { outcome: 'done' })
  assert.deepEqual((await appliedJobs(store, swarm, 0)).flat(), Array(256).fill(1))
  assert.deepEqual((await appliedJobs(store, swarm, 2)).flat(), Array(600 - 512).fill(1))
  const record = await recordOf(0)
  assert.equal(record.readBigUInt64LE(48), 1n)
  assert.deepEqual(record.subarray(56, 64), createHash('sha256').update(job.jobId).digest().subarray(0, 8))
  assert.equal(record.length, HEADER_BYTES + 256 * ROW_BYTES)
  assert.equal(await server.redis.get(keys.result(job.jobId)), job.result)
  const ttl = await server.redis.ttl(keys.result(job.jobId))
  assert.ok(ttl > 0 && ttl <= 60, `time to live ${ttl}`)
})

test('a commit writes the rows of a by-row job and no others', async () => {
  const index = [0, 1, 2, 9, 200, 201, 255]
  assert.deepEqual(await runJob(store, await addJob(server.redis, 1), [partOf(swarm, 1, index)]), {
    outcome: 'done',
  })
  const jobs = await appliedJobs(store, swarm, 1)
  assert.deepEqual(
    jobs.flatMap((applied, row) => (applied.length > 0 ? [row] : [])),
    index,
  )
  assert.equal((await recordOf(1)).readBigUInt64LE(48), 1n)
})

test('a commit writes a part of more than 64 rows whole, and steps only its rows', async () => {
  const index = Array.from({ length: 65 }, (_, i) => i * 3)
  const [loaded] = await load(store, [partOf(swarm, 1, index)])
  assert.equal(loaded?.found.whole, true)
  assert.deepEqual(await runJob(store, await addJob(server.redis, 1), [partOf(swarm, 1, index)]), {
    outcome: 'done',
  })
  assert.equal((await appliedJobs(store, swarm, 1)).flat().length, 65)
})

for (const [kind, index] of [
  ['whole', null],
  ['by row', [3, 4]],
] as const) {
  const parts = () => [partOf(swarm, 0, index === null ? null : [...index])]

  test(`a commit applies a job once however often it is delivered (${kind})`, async () => {
    const job = await addJob(server.redis, 1)
    const [first, second] = [await load(store, parts()), await load(store, parts())]
    assert.deepEqual(await commit(store, job, first), { outcome: 'done' })
    const applied = await recordOf(0)
    assert.deepEqual(await commit(store, job, second), { outcome: 'already' })
    assert.deepEqual(await runJob(store, job, parts()), { outcome: 'already' })
    assert.deepEqual(await recordOf(0), applied)
  })

  test(`a job that was done, removed and then added again is not applied again (${kind})`, async () => {
    const job = await addJob(server.redis, 1)
    await runJob(store, job, parts())
    const applied = await recordOf(0)
    await removeJob(server.redis, job)
    assert.deepEqual(await runJob(store, await addJob(server.redis, 1), parts()), { outcome: 'already' })
    assert.deepEqual(await recordOf(0), applied)
  })

  test(`nor is it when its answer was forgotten before it is delivered, once it is marked (${kind})`, async () => {
    const job = await addJob(server.redis, 1)
    await runJob(store, job, parts())
    const applied = await recordOf(0)
    await removeJob(server.redis, job)
    const [again, other] = [await addJob(server.redis, 1), await addJob(server.redis, 2)]
    await store.answers.markAnswered([again, other])
    await server.redis.del(keys.result(job.jobId))
    assert.deepEqual(await runJob(store, again, parts()), { outcome: 'already' })
    assert.deepEqual(await recordOf(0), applied)
    assert.deepEqual(await runJob(store, other, parts()), { outcome: 'done' })
  })

  test(`a commit writes nothing for a job that was removed meanwhile (${kind})`, async () => {
    const job = await addJob(server.redis, 1)
    const loaded = await load(store, parts())
    const untouched = await recordOf(0)
    await removeJob(server.redis, job)
    assert.deepEqual(await commit(store, job, loaded), { outcome: 'gone' })
    assert.deepEqual(await recordOf(0), untouched)
    assert.equal(await server.redis.exists(keys.result(job.jobId), job.jobKey), 0)
  })

  test(`a commit refuses rows that have changed, and takes them when loaded anew (${kind})`, async () => {
    const [slow, fast] = [await addJob(server.redis, 1), await addJob(server.redis, 2)]
    const loaded = await load(store, parts())
    await runJob(store, fast, parts())
    const applied = await recordOf(0)
    assert.deepEqual(await commit(store, slow, loaded), { outcome: 'stale', parts: [0] })
    assert.deepEqual(await recordOf(0), applied)
    assert.equal(await server.redis.exists(keys.result(slow.jobId)), 0)
    assert.deepEqual(await runJob(store, slow, parts()), { outcome: 'done' })
    assert.deepEqual((await appliedJobs(store, swarm, 0))[3], [2, 1])
  })

  test(`a commit leaves a population alone that was created again, equal to the byte (${kind})`, async () => {
    const job = await addJob(server.redis, 1)
    const loaded = await load(store, parts())
    await store.populations.delete('swarm')
    assert.deepEqual(await commit(store, job, loaded), { outcome: 'stale', parts: [0] }, 'no block')
    const again = await aPopulation(store, 'swarm')
    const untouched = await recordOf(0)
    assert.deepEqual(await commit(store, job, loaded), { outcome: 'stale', parts: [0] }, 'another generation')
    assert.deepEqual(await recordOf(0), untouched)
    assert.deepEqual(await store.blocks.load(parts()), [{ state: 'gone' }])
    assert.notEqual(again.generation, swarm.generation)
  })

  test(`a commit writes nothing over a record that was cut off (${kind})`, async () => {
    const job = await addJob(server.redis, 1)
    const loaded = await load(store, parts())
    const cut = (await recordOf(0)).subarray(0, -1)
    await server.redis.set(keys.block('swarm', 0), cut)
    assert.deepEqual(await commit(store, job, loaded), { outcome: 'stale', parts: [0] })
    assert.deepEqual(await recordOf(0), cut)
    const [damaged] = await store.blocks.load(parts())
    assert.equal(damaged?.state, 'corrupt')
  })
}

test('a commit compares the nonce of a version, not its count alone', async () => {
  const [first, second, late] = [
    await addJob(server.redis, 1),
    await addJob(server.redis, 2),
    await addJob(server.redis, 3),
  ]
  const before = await recordOf(0)
  await runJob(store, first, [partOf(swarm, 0)])
  const loaded = await load(store, [partOf(swarm, 0)])
  // A Redis that came back a commit younger, and took another one since: the same count, another state.
  await server.redis.set(keys.block('swarm', 0), before)
  await runJob(store, second, [partOf(swarm, 0)])
  assert.equal((await recordOf(0)).readBigUInt64LE(48), loaded[0]?.found.version.readBigUInt64LE(0))
  assert.deepEqual(await commit(store, late, loaded), { outcome: 'stale', parts: [0] })
})

test('a commit writes no part where another is stale, and says which', async () => {
  const job = await addJob(server.redis, 1)
  const loaded = await load(store, [partOf(swarm, 0), partOf(swarm, 1, [5]), partOf(swarm, 2)])
  await runJob(store, await addJob(server.redis, 2), [partOf(swarm, 1, [5]), partOf(swarm, 2, [7])])
  const untouched = await recordOf(0)
  assert.deepEqual(await commit(store, job, loaded), { outcome: 'stale', parts: [1, 2] })
  assert.deepEqual(await recordOf(0), untouched)
})

test('a commit lets jobs for different rows of a block pass each other', async () => {
  const [one, other] = [await addJob(server.redis, 1), await addJob(server.redis, 2)]
  const [mine, others] = [
    await load(store, [partOf(swarm, 0, [1, 2])]),
    await load(store, [partOf(swarm, 0, [3])]),
  ]
  assert.deepEqual(await commit(store, one, mine), { outcome: 'done' })
  assert.deepEqual(await commit(store, other, others), { outcome: 'done' })
  assert.deepEqual((await appliedJobs(store, swarm, 0)).slice(0, 5), [[], [1], [1], [2], []])
  assert.equal((await recordOf(0)).readBigUInt64LE(48), 2n)
})

test('a commit shows a whole block that some of its rows have moved on', async () => {
  const [whole, single] = [await addJob(server.redis, 1), await addJob(server.redis, 2)]
  const loaded = await load(store, [partOf(swarm, 0)])
  assert.deepEqual(await runJob(store, single, [partOf(swarm, 0, [8])]), { outcome: 'done' })
  assert.deepEqual(await commit(store, whole, loaded), { outcome: 'stale', parts: [0] })
})

test('a commit takes rows from memory that threads share', async () => {
  const job = await addJob(server.redis, 1)
  const [loaded] = await load(store, [partOf(swarm, 0, [4])])
  assert.ok(loaded)
  const part = stepped(loaded, job)
  const shared = new Uint8Array(new SharedArrayBuffer(1024), 64, part.rows.length)
  shared.set(part.rows)
  const request = { ...job, channel: CHANNEL, parts: [{ ...part, rows: shared }] }
  assert.deepEqual(await store.blocks.commit(request), { outcome: 'done' })
  assert.deepEqual((await appliedJobs(store, swarm, 0))[4], [1])
})

test('a commit refuses what would mix up rows', async () => {
  const job = await addJob(server.redis, 1)
  const [whole, some] = [await load(store, [partOf(swarm, 0)]), await load(store, [partOf(swarm, 0, [1, 2])])]
  const parts = [...whole, ...some].map((loaded) => stepped(loaded, job))
  const internal = (error: unknown) => error instanceof CohortError && error.code === 'internal'
  const request = { ...job, channel: CHANNEL }
  await assert.rejects(store.blocks.commit({ ...request, parts }), internal, 'a block whole, and again')
  await assert.rejects(commit(store, job, [...some, ...some]), internal, 'rows twice')
  const short = parts.map((part) => ({ ...part, rows: part.rows.subarray(1) }))
  await assert.rejects(
    store.blocks.commit({ ...request, parts: short.slice(0, 1) }),
    internal,
    'rows of another length',
  )
  await assert.rejects(
    store.blocks.commit({ ...request, parts: short.slice(1) }),
    internal,
    'some rows of another length',
  )
  await assert.rejects(
    store.blocks.commit({ ...request, jobKey: 'steps:j-1', parts: [] }),
    internal,
    'another shard',
  )
  assert.deepEqual((await appliedJobs(store, swarm, 0)).flat(), [])
})
