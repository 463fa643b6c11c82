// What is promised of the embedded server: its data stays, it comes back, it ends with its owner, it is nobody else's.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { connect as dial } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CohortError } from '@cohort/contracts'
import { connect } from './connect.js'
import { birthOf } from './embedded/process-birth.js'
import { findRedisServer, startEmbedded, type EmbeddedOptions, type EmbeddedRedis } from './embedded.js'

const limit = { timeout: 30_000 }
/** Elsewhere the kernel has no such service. */
const onLinux = { ...limit, skip: spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status !== 0 }
const { PATH = '', COHORT_REDIS_SERVER } = process.env
const executable = findRedisServer(PATH, COHORT_REDIS_SERVER) ?? 'no-redis-server'
let root: string

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'cohort-embedded-'))
})
after(() => rm(root, { recursive: true }))

test('what was written is there in the next run, and a stop leaves no process', limit, async (t) => {
  const dir = join(root, 'kept')
  const first = await start(t, dir)
  await ask(first.url, (redis) => redis.set('k', 'v'))
  const pid = first.pid ?? 0
  await Promise.all([first.stop(), first.stop()])
  assert.equal(isRunning(pid), false)
  assert.equal(first.pid, undefined)
  const second = await start(t, dir)
  assert.equal(second.dir, dir)
  assert.equal(await ask(second.url, (redis) => redis.get('k')), 'v')
  assert.equal((await stat(dir)).mode & 0o777, 0o700)
})

test('a server that was killed comes back on its port with its data', limit, async (t) => {
  const said: string[] = []
  const server = await start(t, join(root, 'back'), { log: (line) => said.push(line) })
  const redis = connect(server.url, { name: 'test', onError: () => {} })
  t.after(() => redis.disconnect())
  for (let death = 1; death <= 3; death++) {
    await redis.incr('deaths')
    const { pid } = server
    process.kill(pid ?? 0, 'SIGKILL')
    await until(() => server.pid !== pid && server.pid !== undefined)
    assert.equal(await redis.get('deaths'), String(death))
  }
  assert.equal(said.length, 3)
  assert.match(said[0] ?? '', /ended \(signal SIGKILL\); it is started again on port \d+/)
})

test('kill -9 of its owner ends the server, and the next run has its data', limit, async (t) => {
  const dir = join(root, 'orphan')
  const { parent, url, pid } = await owner(t, dir)
  await ask(url, (redis) => redis.set('k', 'v'))
  assert.ok(isRunning(pid))
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  // While the old server is still on its way out, its directory is waited for.
  const next = await start(t, dir)
  assert.equal(isRunning(pid), false)
  assert.equal(next.dir, dir)
  assert.equal(await ask(next.url, (redis) => redis.get('k')), 'v')
})

test('kill -9 of its owner and of its guard in one moment ends it too', onLinux, async (t) => {
  const { parent, pid } = await owner(t, join(root, 'guarded'))
  for (const child of childrenOf(parent.pid ?? 0)) if (child !== pid) process.kill(child, 'SIGKILL')
  parent.kill('SIGKILL')
  await until(() => !isRunning(pid))
})

test('two at once in one directory are two servers, each with its own data', limit, async (t) => {
  const dir = join(root, 'both')
  const said: string[] = []
  const [one, other] = [await start(t, dir), await start(t, dir, { log: (line) => said.push(line) })]
  assert.deepEqual([one.dir, other.dir], [dir, `${dir}-2`])
  assert.match(said.join(), new RegExp(`${dir} is in use by process ${process.pid}; .* ${dir}-2`))
  await ask(one.url, (redis) => redis.set('k', 'v'))
  assert.equal(await ask(other.url, (redis) => redis.get('k')), null)
  await one.stop()
  assert.equal((await start(t, dir)).dir, dir)
})

test('it is reached from this machine only, and evicts nothing', limit, async (t) => {
  const server = await start(t, join(root, 'alone'))
  const names = ['bind', 'maxmemory-policy', 'appendonly']
  const read = await ask(server.url, (redis) => Promise.all(names.map((name) => redis.config('GET', name))))
  assert.deepEqual(read.flat(), ['bind', '127.0.0.1', 'maxmemory-policy', 'noeviction', 'appendonly', 'yes'])
  for (const { address, internal } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
    if (!internal && !address.startsWith('fe80'))
      assert.equal(await listens(address, server.url), false, address)
  }
  assert.equal(await listens('127.0.0.1', server.url), true)
})

test('a server that does not start says why', limit, async () => {
  const dir = join(root, 'damaged')
  const unfit = (pattern: RegExp) => (error: unknown) =>
    error instanceof CohortError && error.code === 'redis_unfit' && pattern.test(error.message)
  await assert.rejects(
    startEmbedded({ dir, executable: '/no/such', log: () => {} }),
    unfit(/no program \/no\/such/),
  )
  await writeFile(join(dir, 'appendonlydir'), 'not a directory')
  await assert.rejects(
    startEmbedded({ dir, executable, log: () => {} }),
    unfit(/exit code 1\):\n.*appendonlydir/s),
  )
})

test('a server that dies again and again is given up, and said so', limit, async (t) => {
  const lost = Promise.withResolvers<CohortError>()
  const server = await start(t, join(root, 'lost'), { onLost: lost.resolve })
  const killing = setInterval(() => server.pid !== undefined && process.kill(server.pid, 'SIGKILL'), 5)
  t.after(() => clearInterval(killing))
  assert.match((await lost.promise).message, /died 6 times.*not started again/)
})

test('the program is the one that is named, else the first on the path', () => {
  assert.equal(findRedisServer('/nowhere'), undefined)
  assert.equal(findRedisServer('/nowhere', executable), executable)
  assert.equal(findRedisServer(join(executable, '..'), 'redis-server'), executable)
  assert.throws(() => findRedisServer('/nowhere', 'redis-server'), CohortError)
  assert.throws(() => findRedisServer('/nowhere', root), CohortError)
})

async function start(
  t: TestContext,
  dir: string,
  more: Partial<EmbeddedOptions> = {},
): Promise<EmbeddedRedis> {
  const server = await startEmbedded({ dir, executable, log: () => {}, ...more })
  t.after(() => server.stop())
  return server
}

/** A process that owns a server. */
async function owner(t: TestContext, dir: string) {
  const file = fileURLToPath(new URL('./testing/embedded-parent.js', import.meta.url))
  const parent = spawn(process.execPath, [file, dir], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => parent.kill('SIGKILL'))
  const [line] = await once(parent.stdout, 'data')
  return { parent, ...(JSON.parse(String(line)) as { url: string; pid: number }) }
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

async function ask<T>(url: string, question: (redis: ReturnType<typeof connect>) => Promise<T>): Promise<T> {
  const redis = connect(url, { name: 'test', onError: () => {} })
  try {
    return await question(redis)
  } finally {
    redis.disconnect()
  }
}

async function listens(host: string, url: string): Promise<boolean> {
  const socket = dial({ host, port: Number(new URL(url).port) })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A process that has ended and waits for its parent to hear of it runs no more. */
const isRunning = (pid: number): boolean => birthOf(pid) !== undefined

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 15_000
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never: ${String(holds)}`)
    await sleep(5)
  }
}
