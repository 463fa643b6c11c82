// What the life of a population promises: creation and deletion may be stopped, resumed and raced.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { CohortError, type ErrorCode } from '@cohort/contracts'
import { keys } from './keys.js'
import { run } from './scripts.js'
import { openStore, type Store } from './store.js'
import { addJob, aPopulation, initialRows, MODEL_ID, partOf, ROW_BYTES, runJob } from './testing/agents.js'
import { ownStore } from './testing/own-store.js'

const COUNT = 20_000
const BLOCKS = 79
const spec = { id: 'swarm', modelId: MODEL_ID, count: COUNT, seed: 7, numerics: 1 }
const rows = (block: number) => initialRows(COUNT, block)
const failsAs = (code: ErrorCode) => (error: unknown) => error instanceof CohortError && error.code === code

const { server, store } = await ownStore()
beforeEach(() => server.redis.flushall())

const blockKeys = () => server.redis.keys('{s0}:b:*')

/** Creates until `stop` throws: what a producer leaves behind that is killed in the middle. */
async function createPartly(untilBlock: number): Promise<void> {
  const stopping = (block: number) => {
    if (block === untilBlock) throw new Error('killed')
    return rows(block)
  }
  await assert.rejects(store.populations.create(spec, stopping), /killed/)
}

test('a population is created block by block, and is ready when all are there', async () => {
  const states = new Set<string | undefined>()
  const watching = store.populations.create(spec, rows)
  for (let i = 0; i < 20; i++) states.add((await store.populations.get('swarm'))?.state)
  const { outcome, record } = await watching
  assert.ok(states.has('creating'))
  assert.deepEqual([outcome, record.state, record.blocks, record.count], ['created', 'ready', BLOCKS, COUNT])
  assert.equal((await blockKeys()).length, BLOCKS)
  assert.equal(
    await server.redis.strlen(keys.block('swarm', BLOCKS - 1)),
    64 + ROW_BYTES * (COUNT - 256 * (BLOCKS - 1)),
  )
  assert.deepEqual(await store.populations.get('swarm'), record)
})

test('the same creation again does nothing; another under its id is refused', async () => {
  await store.populations.create(spec, rows)
  const again = await store.populations.create(spec, () => assert.fail('no block is missing'))
  assert.equal(again.outcome, 'existed')
  for (const other of [{ count: 5 }, { seed: 8 }, { modelId: 'f'.repeat(64) }]) {
    await assert.rejects(store.populations.create({ ...spec, ...other }, rows), failsAs('population_exists'))
  }
})

test('a creation that was stopped goes on with the blocks that are missing', async () => {
  await createPartly(50)
  const before = await store.populations.get('swarm')
  assert.equal(before?.state, 'creating')
  assert.deepEqual(await store.populations.steps('swarm'), { total: 0, min: 0, max: 0 })
  const written: number[] = []
  const { outcome, record } = await store.populations.create(spec, (block) => {
    written.push(block)
    return rows(block)
  })
  assert.deepEqual([outcome, record.state, record.generation], ['created', 'ready', before.generation])
  assert.ok(written.includes(50) && !written.includes(0), `written: ${written.join()}`)
  assert.equal((await blockKeys()).length, BLOCKS)
})

test('two creations at once make one population', async () => {
  const [one, other] = await Promise.all([
    store.populations.create(spec, rows),
    store.populations.create(spec, rows),
  ])
  assert.equal(one.record.generation, other.record.generation)
  assert.equal((await blockKeys()).length, BLOCKS)
})

test('a creator that slept writes nothing over agents that have stepped', async () => {
  const [record, block] = [keys.population('swarm'), keys.block('swarm', 0)]
  // What goes out on its connection while it makes the first block comes before the block: others were faster.
  const { record: created } = await store.populations.create(spec, (number) => {
    if (number === 0)
      void server.redis.multi().set(block, 'agents that stepped').hset(record, 'state', 'ready').exec()
    return rows(number)
  })
  assert.equal(created.state, 'ready')
  assert.equal(await server.redis.get(block), 'agents that stepped')
})

test('a creator that slept through a deletion writes nothing into what came after it', async () => {
  const [record, block] = [keys.population('swarm'), keys.block('swarm', 0)]
  const anew = { generation: 'ab'.repeat(8), state: 'creating' }
  const creation = store.populations.create(spec, (number) => {
    if (number === 0) void server.redis.multi().set(block, 'of the new one').hset(record, anew).exec()
    return rows(number)
  })
  await assert.rejects(creation, failsAs('population_deleting'))
  assert.equal(await server.redis.get(block), 'of the new one')
  assert.equal((await store.populations.get('swarm'))?.state, 'creating')
  assert.equal((await blockKeys()).length, 1)
})

test('a deletion removes blocks and record; a second one says that there was none', async () => {
  await store.populations.create(spec, rows)
  assert.equal(await store.populations.delete('swarm'), true)
  assert.deepEqual(await server.redis.keys('*'), [])
  assert.equal(await store.populations.delete('swarm'), false)
  assert.equal(await store.populations.get('swarm'), undefined)
})

test('a deletion that was stopped holds the id, and goes on when it is asked for again', async () => {
  const { record } = await store.populations.create(spec, rows)
  await run(server.redis, 'population-delete', {
    keys: [keys.population('swarm')],
    args: [record.generation],
  })
  await server.redis.unlink(keys.block('swarm', 0), keys.block('swarm', 1))
  assert.equal((await store.populations.get('swarm'))?.state, 'deleting')
  await assert.rejects(store.populations.create(spec, rows), failsAs('population_deleting'))
  await assert.rejects(store.populations.steps('swarm'), failsAs('unknown_population'))
  assert.equal(await store.populations.delete('swarm'), true)
  assert.deepEqual(await server.redis.keys('*'), [])
})

test('a population whose creation was stopped can be deleted', async () => {
  await createPartly(40)
  assert.equal(await store.populations.delete('swarm'), true)
  assert.deepEqual(await server.redis.keys('*'), [])
})

test('a deleter that slept removes nothing of the population that came after', async () => {
  const { record: old } = await store.populations.create(spec, rows)
  await store.populations.delete('swarm')
  await store.populations.create(spec, rows)
  const late = { keys: [keys.population('swarm'), keys.block('swarm', 0)], args: [old.generation, 1] }
  assert.equal(await run(server.redis, 'population-unlink', late), 0)
  assert.equal(
    await run(server.redis, 'population-delete', { keys: late.keys.slice(0, 1), args: [old.generation] }),
    0,
  )
  assert.equal((await store.populations.get('swarm'))?.state, 'ready')
  await server.redis.hset(keys.population('swarm'), 'state', 'deleting')
  assert.equal(await run(server.redis, 'population-unlink', late), 0, 'another is at it')
  assert.equal((await blockKeys()).length, BLOCKS)
})

test('creations and deletions at once leave a whole population or nothing', async () => {
  const other = openStore({ redis: server.connect(), resultTtlSeconds: 60 })
  for (let round = 0; round < 25; round++) {
    const create = (from: Store) => from.populations.create(spec, rows)
    const settled = await Promise.allSettled([
      create(store),
      other.populations.delete('swarm'),
      create(other),
      store.populations.delete('swarm'),
      create(store),
    ])
    for (const one of settled)
      if (one.status === 'rejected') assert.ok(failsAs('population_deleting')(one.reason), String(one.reason))
    const record = await store.populations.get('swarm')
    assert.ok(record === undefined || record.state === 'ready', `it is ${record?.state}`)
    assert.equal((await blockKeys()).length, record === undefined ? 0 : BLOCKS)
    if (record !== undefined)
      assert.deepEqual(await store.populations.steps('swarm'), { total: 0, min: 0, max: 0 })
  }
})

test('the steps of all agents add up, with the least and the most of one', async () => {
  const { record } = await store.populations.create(spec, rows)
  for (let number = 1; number <= 3; number++) {
    const parts = Array.from({ length: 16 }, (_, i) => partOf(record, i + 16 * number))
    await runJob(store, await addJob(server.redis, number), parts)
  }
  await runJob(store, await addJob(server.redis, 4), [
    partOf(record, 20, [0, 1, 2]),
    partOf(record, BLOCKS - 1, [5]),
  ])
  const counts = await store.populations.steps('swarm')
  assert.deepEqual(counts, { total: 3 * 16 * 256 + 3 + 1, min: 0, max: 2 })
})

test('the least of an agent is found wherever it stands', async () => {
  const record = await aPopulation(store, 'few', 300)
  const [all, some] = [await addJob(server.redis, 1), await addJob(server.redis, 2)]
  await runJob(store, all, [partOf(record, 0), partOf(record, 1)])
  await runJob(store, some, [partOf(record, 0, [0, 255]), partOf(record, 1, [43])])
  assert.deepEqual(await store.populations.steps('few'), { total: 303, min: 1, max: 2 })
})

test('rows too large to be read a block at once are summed alike', async () => {
  const large = { ...spec, count: 300 }
  const rowBytes = 2048
  await store.populations.create(large, (block) => {
    const rows = Buffer.alloc(rowBytes * (block === 0 ? 256 : 44))
    for (let at = 0; at < rows.length; at += rowBytes) rows.writeUInt8(block + 3, at)
    return rows
  })
  assert.deepEqual(await store.populations.steps('swarm'), { total: 256 * 3 + 44 * 4, min: 3, max: 4 })
})

test('step sums are exact up to 2^53', async () => {
  await aPopulation(store, 'few', 300)
  const big = Buffer.alloc(8)
  big.writeBigUInt64LE(2n ** 52n + 1n)
  await server.redis.setrange(keys.block('few', 1), 64, big)
  assert.deepEqual(await store.populations.steps('few'), { total: 2 ** 52 + 1, min: 0, max: 2 ** 52 + 1 })
})

test('a block that is missing or damaged is named, not summed', async () => {
  await aPopulation(store, 'few', 300)
  await server.redis.append(keys.block('few', 1), 'x')
  await assert.rejects(store.populations.steps('few'), /block 1 of population few/)
  await server.redis.del(keys.block('few', 0))
  await assert.rejects(store.populations.steps('few'), failsAs('corrupt_record'))
  await assert.rejects(store.populations.steps('none'), failsAs('unknown_population'))
})

test('a damaged record is reported and left as it is', async () => {
  await server.redis.hset(keys.population('swarm'), 'count', '-1')
  for (const call of [
    store.populations.get('swarm'),
    store.populations.delete('swarm'),
    store.populations.create(spec, rows),
  ]) {
    await assert.rejects(call, failsAs('corrupt_record'))
  }
  assert.deepEqual(await server.redis.hgetall(keys.population('swarm')), { count: '-1' })
})

test('rows of a wrong size are refused', async () => {
  const few = { ...spec, count: 3 }
  await assert.rejects(
    store.populations.create(few, () => Buffer.alloc(100)),
    failsAs('internal'),
  )
})
