// What is promised of a connection: any address form, its name, troubles told once, never given up.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as dial, createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import fc from 'fast-check'
import { connect, placeOf, retryMs, type Redis, untilReached } from './connect.js'
import { startTestRedis, type TestRedis } from './testing/redis.js'

let own: TestRedis
let path: string

before(async () => {
  own = await startTestRedis()
  path = own.redis.options.path ?? ''
})
after(() => own.stop())

/** What ioredis was told; nothing is sent. */
function optionsOf(url: string) {
  const redis = connect(url, { name: 'test', onError: () => {} })
  redis.disconnect()
  const { host, port, db, username, password, tls, path: socket } = redis.options
  return { host, port, db, username, password, tls: tls !== undefined, path: socket }
}

test('every form of address is understood', () => {
  const plain = { host: 'h', port: 6379, db: 0, username: null, password: null, tls: false, path: undefined }
  const forms: [url: string, told: object][] = [
    ['redis://h', plain],
    ['redis://h/', plain],
    ['redis://h:7000/3', { ...plain, port: 7000, db: 3 }],
    ['rediss://u:p%40ss@h', { ...plain, tls: true, username: 'u', password: 'p@ss' }],
    ['redis://:secret@[::1]:1', { ...plain, host: '::1', port: 1, password: 'secret' }],
  ]
  for (const [url, told] of forms) assert.deepEqual(optionsOf(url), told, url)
  for (const url of ['/run/r.sock', 'unix:///run/r.sock']) assert.equal(optionsOf(url).path, '/run/r.sock')
})

/** A slash, a bare colon or a number sign in the password, and what is left out, move the rest to another place. */
const MALFORMED = [
  'redis://u:secret/x@127.0.0.1:1/0',
  'redis://u:12/secret@h',
  'redis://u:12#secret@h',
  'redis://u:12?secret@h',
  'redis://secret:12/?x@h',
  'redis://:secret@:1/0',
  'redis:u:secret@h',
  'redis://u:%zzsecret@h',
  'unix://u:secret@/tmp/x.sock',
  'unix://u:secret@h/tmp/x.sock',
  'unix:u:secret@/tmp/x.sock',
]

test('what is no address is refused, without its password', () => {
  for (const url of [
    '',
    'localhost',
    'http://h',
    'redis://',
    'redis://h/x',
    'unix://',
    'redis//u:secret@h',
    'secret@h',
    'redis://u:secret@h/x',
    'http://h/?key=secret',
    ...MALFORMED,
  ]) {
    assert.throws(
      () => connect(url, { name: 'test', onError: () => {} }),
      (error) =>
        error instanceof CohortError && error.code === 'configuration' && !error.message.includes('secret'),
      url,
    )
  }
})

test('a connection over a socket carries its name', async () => {
  const redis = connect(`unix://${path}`, { name: 'worker:7', onError: () => {} })
  assert.match(String(await redis.client('INFO')), / name=worker:7 /)
  redis.disconnect()
})

test('a server that is away is told of once, waited for, and told of again after it was there', async (t) => {
  const door = `${path}.door`
  const told: string[] = []
  const redis = connect(door, { name: 'test', onError: ({ message }) => told.push(message) })
  t.after(() => redis.disconnect())
  const waiting = redis.ping()
  await threeTries(redis)
  assert.deepEqual(told, [`connect ENOENT ${door}`])
  const through = createServer((socket) => void socket.pipe(dial(path)).pipe(socket)).listen(door)
  assert.equal(await waiting, 'PONG')
  through.close()
  redis.disconnect(true)
  await threeTries(redis)
  assert.deepEqual(told, [`connect ENOENT ${door}`, `connect ENOENT ${door}`])
})

test('a start waits for a server that comes, says so again and again, and goes on when it is there', async (t) => {
  const door = `${path}.late`
  const redis = connect(door, { name: 'test', onError: () => {} })
  t.after(() => redis.disconnect())
  const said: string[] = []
  const saidTwice = Promise.withResolvers<void>()
  const onWait = (sentence: string) => {
    if (said.push(sentence) === 2) saidTwice.resolve()
  }
  const reached = untilReached([redis, own.redis], { url: door, onWait, sayEveryMs: 5 })
  await saidTwice.promise
  const through = createServer((socket) => void socket.pipe(dial(path)).pipe(socket)).listen(door)
  await reached
  through.close()
  assert.match(said.at(-1) ?? '', /^Redis at \S+\.late \(REDIS_URL\) cannot be reached: ENOENT$/)
})

test('a start gives up on a server that does not come, with where and why', async (t) => {
  const url = 'redis://user:secret@127.0.0.1:1/2'
  const redis = connect(url, { name: 'test', onError: () => {} })
  t.after(() => redis.disconnect())
  const wait = { url, withinMs: 100, onWait: () => {} }
  await assert.rejects(untilReached([own.redis, redis], wait), {
    code: 'redis_unavailable',
    message: 'Redis at redis://127.0.0.1:1 (REDIS_URL) cannot be reached: ECONNREFUSED',
  })
})

test('the place of a server is told without user and password', () => {
  assert.equal(placeOf('rediss://u:secret@h/3'), 'rediss://h:6379')
  assert.equal(placeOf('unix:///run/r.sock'), 'unix:///run/r.sock')
  assert.equal(placeOf('/run/r.sock'), '/run/r.sock')
  assert.equal(placeOf('redis://:secret@[::1]:1'), 'redis://[::1]:1')
  for (const url of MALFORMED) assert.equal(placeOf(url), 'the address in REDIS_URL', url)
})

test('the pause between tries grows, has a bound, and is never the same for all', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, random) => {
        const pause = retryMs(attempt, random)
        assert.ok(pause >= 10 && pause <= 1000, `${pause}`)
        assert.ok(retryMs(attempt, 1) < retryMs(attempt, 0))
        assert.ok(retryMs(attempt + 1, random) >= pause)
      },
    ),
  )
})

function threeTries(redis: Redis): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let tries = 0
  const count = () => {
    if (++tries < 3) return
    redis.off('reconnecting', count)
    resolve()
  }
  redis.on('reconnecting', count)
  return promise
}

test('a connection that sends once rejects what had no reply, and what comes while it is away', async () => {
  const redis = connect(path, { name: 'once', onError: () => {}, sendOnce: true })
  await once(redis, 'ready')
  const unanswered = assert.rejects(redis.blpop('list', 0))
  await own.redis.client('KILL', 'ID', await blockedId('once'))
  await unanswered
  await assert.rejects(redis.ping(), /Stream isn't writeable|Reached the max retries/)
  await once(redis, 'ready')
  await own.redis.lpush('list', 'x')
  assert.equal(await redis.llen('list'), 1, 'nobody waits for the list any more')
  redis.disconnect()
})

/** The server's id of the connection of that name, once a command of it is blocked there. */
async function blockedId(name: string): Promise<number> {
  for (;;) {
    const clients = String(await own.redis.client('LIST')).split('\n')
    const blocked = clients.find(
      (client) => client.includes(` name=${name} `) && client.includes('cmd=blpop'),
    )
    if (blocked !== undefined) return Number(/id=(\d+)/.exec(blocked)?.[1])
  }
}
