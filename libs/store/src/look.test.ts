// What a look promises: what is there, or why not, in bounded time, and nothing changed.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { connect, PRODUCER_ADDS } from './connect.js'
import { lookAtServer } from './look.js'
import { openStore } from './store.js'
import { startTestRedis, type TestRedis } from './testing/redis.js'

let own: TestRedis
let url: string
before(async () => {
  own = await startTestRedis()
  url = `unix://${own.redis.options.path}`
})
after(() => own.stop())

test('a server with its workers and producers is seen as it is, and left as it was', async (t) => {
  const { workers } = openStore({ redis: own.redis, resultTtlSeconds: 60 })
  await workers.beat('w-1', {
    host: 'h',
    pid: 1,
    threads: 2,
    cpus: [0, null],
    progress: { upMs: 1, steps: 0, threads: [] },
  })
  await own.redis.zadd('{s0}:workers', '+inf', 'x-damaged')
  for (const name of [PRODUCER_ADDS, PRODUCER_ADDS, 'cohort-producer']) {
    const redis = connect(url, { name, onError: () => {} })
    t.after(() => redis.disconnect())
    await once(redis, 'ready')
  }
  const keys = async () => [await own.redis.dbsize(), await own.redis.zrange('{s0}:workers', '0', '-1')]
  const before = await keys()
  const look = await lookAtServer(url, 10_000)
  assert.ok(look.reached)
  assert.deepEqual(
    [look.at, look.facts.software, look.producers, look.workers.map(({ id }) => id), look.damagedWorkers],
    [url, 'redis', 2, ['w-1'], ['x-damaged']],
  )
  assert.ok(look.roundTripMs > 0)
  assert.deepEqual(await keys(), before)
  assert.doesNotMatch(String(await own.redis.client('LIST')), /cohort-doctor/)
})

test('a server that is away, or no server at all, is said at once with the reason', async () => {
  const reasons = [
    ['redis://:secret@127.0.0.1:1', /^ECONNREFUSED$/],
    ['unix:///nobody/listens/here', /^ENOENT$/],
    ['http://h', /^not the URL of a Redis server/],
  ] as const
  for (const [away, reason] of reasons) {
    const look = await lookAtServer(away, 60_000)
    assert.ok(!look.reached)
    assert.match(look.reason, reason)
    assert.doesNotMatch(JSON.stringify(look), /secret/)
  }
})

test('a server that takes connections and never answers is given up', async (t) => {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const look = await lookAtServer(`redis://127.0.0.1:${port}`, 200)
  assert.ok(!look.reached)
  assert.match(look.reason, /^(no answer within 0\.2 s|Command timed out|the server does not answer INFO)/)
})

test('a password that is missing is the reason', async () => {
  await own.redis.config('SET', 'requirepass', 'right')
  try {
    const look = await lookAtServer(url, 10_000)
    assert.ok(!look.reached)
    assert.equal(look.reason, 'it asks for a password')
  } finally {
    await own.redis.config('SET', 'requirepass', '')
  }
})

test('what is no Redis server is said so', async (t) => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const look = await lookAtServer(`redis://127.0.0.1:${port}`, 10_000)
  assert.equal(!look.reached && look.reason, 'what answers there is not a Redis server')
})

test('a server that closes the connection at once: protected mode or a firewall may be the reason', async (t) => {
  const denied = '-DENIED Redis is running in protected mode because protected mode is enabled.\r\n'
  for (const says of [denied, '']) {
    const server = createServer((socket) => socket.on('error', () => {}).end(says)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const look = await lookAtServer(`redis://127.0.0.1:${port}`, 60_000)
    assert.equal(
      !look.reached && look.reason,
      'it closes the connection at once: its protected mode or a firewall may be the reason',
    )
  }
})
