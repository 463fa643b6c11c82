// What the list of workers promises: one damaged word of a worker hides no other, and is told of once.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { keys } from './keys.js'
import { openStore } from './store.js'
import { startTestRedis, type TestRedis } from './testing/redis.js'

let server: TestRedis
before(async () => (server = await startTestRedis()))
after(() => server.stop())
beforeEach(() => server.redis.flushall())

const THREAD = { seat: 0, cpu: null, computeMs: 0.5 }
const INFO = {
  host: 'h',
  pid: 1,
  threads: 2,
  cpus: [0, null],
  progress: { upMs: 1.5, steps: 7, threads: [THREAD, { ...THREAD, seat: null, cpu: 3 }] },
}

/** What a worker might have said of itself, and nobody could read. */
const DAMAGED: readonly string[] = [
  '',
  'not json',
  'null',
  '[]',
  '7',
  ...[
    { ...INFO, host: 7 },
    { ...INFO, pid: '1' },
    { ...INFO, pid: -5 },
    { ...INFO, threads: 1e300 },
    { ...INFO, threads: [null] },
    { ...INFO, cpus: undefined },
    { ...INFO, cpus: 'x' },
    { ...INFO, cpus: ['0'] },
    { ...INFO, progress: null },
    { ...INFO, progress: { ...INFO.progress, upMs: '1' } },
    { ...INFO, progress: { ...INFO.progress, steps: 0.5 } },
    { ...INFO, progress: { ...INFO.progress, threads: 2 } },
    { ...INFO, progress: { ...INFO.progress, threads: [null] } },
    { ...INFO, progress: { ...INFO.progress, threads: [{ ...THREAD, computeMs: null }] } },
    { ...INFO, progress: { ...INFO.progress, threads: [{ ...THREAD, cpu: 'x' }] } },
  ].map((info) => JSON.stringify(info)),
]

test('a damaged word of a worker hides no other: those are listed, and it is told of once', async () => {
  const told: string[] = []
  const onDamagedWorker = (id: string) => told.push(id)
  const { workers } = openStore({ redis: server.redis, resultTtlSeconds: 60, onDamagedWorker })
  await workers.beat('w-1', INFO)
  for (const [i, text] of DAMAGED.entries()) {
    await server.redis.zadd(keys.workers, '+inf', `x-${i}`)
    await server.redis.hset(keys.workerInfo, `x-${i}`, text)
  }
  await server.redis.zadd(keys.workers, '+inf', 'x-nothing-said')
  assert.deepEqual(await workers.list(), [{ ...INFO, id: 'w-1' }])
  assert.deepEqual(await workers.list(), [{ ...INFO, id: 'w-1' }])
  assert.deepEqual(told.toSorted(), [...DAMAGED.map((_, i) => `x-${i}`), 'x-nothing-said'].toSorted())
})

test('who tells nobody of it lists the others all the same', async () => {
  const { workers } = openStore({ redis: server.redis, resultTtlSeconds: 60 })
  await workers.beat('w-1', INFO)
  await server.redis.zadd(keys.workers, '+inf', 'x')
  assert.deepEqual(
    (await workers.list()).map(({ id }) => id),
    ['w-1'],
  )
})
