// What models, batches, workers, the layout and the connection promise.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { batchId, CohortError, UNANSWERED_SECONDS, type ErrorCode } from '@cohort/contracts'
import { keys } from './keys.js'
import { modelIdOf, openModels } from './models.js'
import { openStore } from './store.js'
import { addJob, aPopulation, commit, load, partOf, runJob } from './testing/agents.js'
import { ownStore } from './testing/own-store.js'
import type { BatchRecord } from './batches.js'

const failsAs = (code: ErrorCode) => (error: unknown) => error instanceof CohortError && error.code === code

const { server, store } = await ownStore()
beforeEach(() => server.redis.flushall())

const json = '{"A":[[[1]]],"B":[[[[1]]]],"name":"π"}'
const id = modelIdOf(json)
const shapes = { numObs: [1], numStates: [1], numControls: [1] }
const bytes = { compiledBytes: 64, rowBytes: 32, agentBytes: 48, termBytes: 40 }
const info = { modelId: id, shapes, policies: 1, softObservations: true, row: [], ...bytes }

test('a model id is the SHA-256 of its canonical form', () => {
  assert.equal(modelIdOf('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('a model is created once and read as it was written', async () => {
  assert.equal(await store.models.put(id, json, info), 'created')
  assert.equal(await store.models.put(id, json, info), 'existed')
  assert.deepEqual([await store.models.json(id), await store.models.info(id)], [json, info])
  assert.deepEqual([await store.models.json('no'), await store.models.info('no')], [undefined, undefined])
})

test('of two that put a model at once, one has created it', async () => {
  const outcomes = await Promise.all([store.models.put(id, json, info), store.models.put(id, json, info)])
  assert.deepEqual(outcomes.sort(), ['created', 'existed'])
})

test('a model that is not what its id says is not handed out', async () => {
  await server.redis.hset(keys.model(id), { json: `${json} `, info: '{"modelId":1}' })
  await assert.rejects(store.models.json(id), failsAs('corrupt_record'))
  await assert.rejects(store.models.info(id), failsAs('corrupt_record'))
  await server.redis.hset(keys.model(id), { info: '{' })
  await assert.rejects(store.models.info(id), failsAs('corrupt_record'))
})

test('a model that was damaged or cut short on its way is read again', async () => {
  await store.models.put(id, json, info)
  for (const damaged of [`${json} `, json.slice(0, 9)]) {
    let reads = 0
    const once = (key: string, field: string) =>
      reads++ === 0 ? Promise.resolve(damaged) : server.redis.hget(key, field)
    const failing = Object.create(server.redis, { hget: { value: once } }) as typeof server.redis
    assert.equal(await openModels(failing).json(id), json)
    assert.equal(reads, 2)
  }
})

const batch: BatchRecord = {
  id: batchId('3f9a2c1e-0000-4000-8000-000000000001'),
  population: 'swarm',
  return: ['action', 'step'],
  agents: [7, 3, 900_000],
  jobs: [
    { jobId: 'j-1', rows: [4, 5], positions: [1, 0] },
    { jobId: 'j-2', rows: [0], positions: [2] },
  ],
  marks: { arrived: 1.25, admitted: 2, added: 3 },
}

const plain = (record: BatchRecord | undefined): unknown =>
  record && {
    ...record,
    agents: [...ints(record.agents)],
    jobs: record.jobs.map((job) => ({
      ...job,
      rows: [...ints(job.rows)],
      positions: [...ints(job.positions)],
    })),
  }
const unclaimed = (record: BatchRecord) => ({ record, claim: undefined })
const ints = (list: ArrayLike<number>) => Array.from(list)

test('a batch’s record is read as it was written, by any process', async () => {
  const second = { ...batch, id: batchId('3f9a2c1e-0000-4000-8000-000000000002'), agents: [], jobs: [] }
  assert.deepEqual(await store.batches.write([batch, second].map(unclaimed)), [])
  const elsewhere = openStore({ redis: server.connect(), resultTtlSeconds: 60 })
  assert.deepEqual(plain(await elsewhere.batches.read(batch.id)), batch)
  const empty = await elsewhere.batches.read(batchId('3f9a2c1e-0000-4000-8000-000000000002'))
  assert.deepEqual([empty?.agents.length, empty?.jobs], [0, []])
})

test('a batch of a million agents in a row is a short record', async () => {
  const agents = Uint32Array.from({ length: 1_000_000 }, (_, i) => i)
  const jobs = [{ jobId: 'j-1', rows: agents, positions: agents }]
  await store.batches.write([unclaimed({ ...batch, agents, jobs })])
  assert.ok((await server.redis.strlen(keys.batch(batch.id))) < 250)
  const read = await store.batches.read(batch.id)
  assert.deepEqual(
    [read?.agents.length, read?.agents[999_999], read?.jobs[0]?.positions[12]],
    [1_000_000, 999_999, 12],
  )
})

test('a batch’s record is there until its answers are forgotten', async () => {
  await store.batches.write([unclaimed(batch)])
  const key = keys.batch(batch.id)
  assert.ok((await server.redis.ttl(key)) > UNANSWERED_SECONDS - 60)
  await store.batches.ended([unclaimed(batch)])
  const ttl = await server.redis.ttl(key)
  assert.ok(ttl > 0 && ttl <= 60, `time to live ${ttl}`)
  await server.redis.pexpireat(key, 1)
  assert.equal(await store.batches.read(batch.id), undefined)
})

test('a damaged batch is reported', async () => {
  for (const text of ['{', '{"v":2}', '{"v":1}']) {
    await server.redis.set(keys.batch(batch.id), text)
    await assert.rejects(store.batches.read(batch.id), failsAs('corrupt_record'))
  }
})

test('workers are listed while they beat', async () => {
  const [one, other] = [
    { host: 'h', pid: 1, threads: 2, cpus: [0, 1], progress: { upMs: 1.5, steps: 7, threads: [] } },
    { host: 'h', pid: 2, threads: 1, cpus: [null], progress: { upMs: 2, steps: 0, threads: [] } },
  ]
  await store.workers.beat('w-2', other)
  await store.workers.beat('w-1', one)
  assert.deepEqual(await store.workers.list(), [
    { ...one, id: 'w-1' },
    { ...other, id: 'w-2' },
  ])
  await store.workers.remove('w-2')
  assert.deepEqual(await store.workers.list(), [{ ...one, id: 'w-1' }])
})

test('a worker that went silent is not listed, and forgotten at the next beat of another', async () => {
  const progress = { upMs: 1, steps: 0, threads: [] }
  const info = { host: 'h', pid: 1, threads: 2, cpus: [], progress }
  await store.workers.beat('w-silent', info)
  await server.redis.zadd(keys.workers, 'INCR', -6000, 'w-silent')
  assert.deepEqual(await store.workers.list(), [])
  await store.workers.beat('w-1', info)
  assert.deepEqual(await server.redis.hkeys(keys.workerInfo), ['w-1'])
  assert.equal(await server.redis.zcard(keys.workers), 1)
})

test('the layout is written once; a process with another number refuses', async () => {
  await store.checkLayout()
  await store.checkLayout()
  assert.deepEqual(await server.redis.hgetall(keys.layout), { shards: '1', format: '1' })
  await server.redis.hset(keys.layout, 'shards', 4)
  await assert.rejects(
    store.checkLayout(),
    (error) => failsAs('redis_unfit')(error) && /shards 4.*shards 1/.test(String(error)),
  )
  assert.equal(await server.redis.hget(keys.layout, 'shards'), '4')
})

test('what Redis answers becomes an error of the table', async () => {
  await server.redis.rpush(keys.population('swarm'), 'no record')
  await assert.rejects(store.populations.get('swarm'), failsAs('corrupt_record'))
  const closed = server.connect()
  const late = openStore({ redis: closed, resultTtlSeconds: 60 })
  closed.disconnect()
  await assert.rejects(late.workers.list(), failsAs('redis_unavailable'))
  await server.redis.config('SET', 'maxmemory', '1')
  await assert.rejects(store.batches.write([unclaimed(batch)]), failsAs('redis_unavailable'))
  await server.redis.config('SET', 'maxmemory', '0')
})

test('a commit whose connection breaks under it is sent again and applied once', async () => {
  const swarm = await aPopulation(store, 'swarm', 10)
  const other = server.connect()
  const parts = [partOf(swarm, 0)]
  for (let number = 1; number <= 20; number++) {
    const job = await addJob(server.redis, number)
    const id = String(await server.redis.client('ID'))
    const loaded = await load(store, parts)
    const [{ outcome }] = await Promise.all([
      commit(store, job, loaded),
      other.call('CLIENT', 'KILL', 'ID', id),
    ])
    assert.ok(outcome === 'done' || outcome === 'already', outcome)
  }
  assert.deepEqual(await store.populations.steps('swarm'), { total: 200, min: 20, max: 20 })
})

test('scripts that the server has forgotten are sent again', async () => {
  const swarm = await aPopulation(store, 'swarm', 10)
  for (const number of [1, 2]) {
    await server.redis.script('FLUSH')
    const outcome = await runJob(store, await addJob(server.redis, number), [partOf(swarm, 0, [3])])
    assert.deepEqual(outcome, { outcome: 'done' })
  }
})
