// Promises of the process: it starts with one line, refuses what it cannot run on, and ends with 0 and nothing lost.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Job } from '@cohort/contracts'
import { openQueue } from '@cohort/queue'
import { openStore, type Store } from '@cohort/store'
import { SILENT } from '@cohort/telemetry'
import { readTopology, verdictOf, writeVerdict } from '@cohort/threads'
import { aJob, aModel, aPopulation, CHANNEL, storeModel, type KnownModel } from '../testing/agents.js'
import { startRedis, type TestRedis } from '../testing/redis.js'
import { startWorkerProcess } from '../testing/worker-process.js'

let server: TestRedis
let store: Store
let model: KnownModel
let queue: ReturnType<typeof openQueue>

before(async () => {
  server = await startRedis()
  store = openStore({ redis: server.redis, resultTtlSeconds: 60 })
  model = await storeModel(store, aModel())
  queue = openQueue({
    sendOnce: server.redis,
    redis: server.redis,
    log: SILENT,
  })
})
after(async () => {
  await queue.close()
  await server.stop()
})

/** Counts answers on the test's channel; `all` resolves when there are so many different ones. */
async function answers(count: number) {
  const results = new Map<string, unknown>()
  const done = Promise.withResolvers<void>()
  const first = Promise.withResolvers<void>()
  const subscription = await store.answers.subscribe(CHANNEL, (id, result) => {
    results.set(id, result)
    first.resolve()
    if (results.size === count) done.resolve()
  })
  return { results, first: first.promise, all: done.promise, close: () => subscription.close() }
}

test('a worker that is ready says so in one line, is healthy, and is known to be alive until it ends', async () => {
  const worker = startWorkerProcess({ REDIS_URL: server.url, COHORT_THREADS: '2' })
  const line = await worker.ready()
  const [, pid, url] =
    /^worker ready: pid (\d+), threads 2, cores 2 unpinned, health (http:\/\/127\.0\.0\.1:\d+)$/.exec(line) ??
    []
  assert.equal(Number(pid), worker.child.pid)
  for (const [path, status] of [
    ['healthz', 200],
    ['readyz', 200],
    ['nothing', 404],
  ] as const) {
    assert.equal((await fetch(`${url}/${path}`)).status, status)
  }
  const alive = await store.workers.list()
  assert.deepEqual(
    alive.map((one) => [one.pid, one.threads, one.cpus]),
    [[worker.child.pid, 2, [null, null]]],
  )
  worker.child.kill('SIGTERM')
  assert.equal((await worker.ended()).code, 0)
  assert.deepEqual(worker.lines, [line])
  assert.deepEqual(await store.workers.list(), [])
})

for (const [drainMs, when] of [
  ['10000', 'with time to finish its jobs'],
  ['0', 'with its jobs in hand'],
] as const) {
  test(`a worker told to end while it works, ${when}, ends with 0 and loses and doubles nothing`, async () => {
    const id = `load-${drainMs}`
    const of = await aPopulation(store, model, id, 1024)
    const parts = [0, 1, 2, 3].map((block) => ({ of, block }))
    const jobs = Array.from({ length: 200 }, (_, salt) => aJob({ model, parts, salt }))
    const heard = await answers(jobs.length)
    const env = { REDIS_URL: server.url, COHORT_THREADS: '2', COHORT_DRAIN_MS: drainMs }
    const first = startWorkerProcess(env)
    await first.ready()
    await queue.enqueue(jobs)
    await heard.first
    first.child.kill('SIGTERM')
    const { code, stderr } = await first.ended()
    assert.equal(code, 0)
    assert.match(stderr, /"message":"drained"/)
    assert.ok(heard.results.size < jobs.length, 'it ended before its work was done')
    const second = startWorkerProcess(env)
    await heard.all
    heard.close()
    assert.deepEqual(await store.populations.steps(id), { total: 200 * 1024, min: 200, max: 200 })
    second.child.kill('SIGINT')
    assert.equal((await second.ended()).code, 0)
  })
}

test('garbage on the queue fails alone, with its reason, and who waits for it hears it', async () => {
  const of = await aPopulation(store, model, 'garbage', 256)
  const good = aJob({ model, parts: [{ of }] })
  const garbage = [{ v: 1, channel: CHANNEL, obs: 'nonsense' }, 'text', null].map((job, i) => ({
    id: `j-garbage-${i}`,
    job: job as unknown as Job,
  }))
  const heard = await answers(2)
  const worker = startWorkerProcess({ REDIS_URL: server.url, COHORT_THREADS: '1' })
  await worker.ready()
  await queue.enqueue([...garbage, good])
  await heard.all
  heard.close()
  const told = heard.results.get('j-garbage-0') as { ok: boolean; code: string }
  assert.deepEqual([told.ok, told.code], [false, 'invalid_job'])
  assert.deepEqual((await store.populations.steps('garbage')).total, 256)
  for (const { id } of garbage) {
    const state = await queue.state(id)
    assert.deepEqual([state.state, 'code' in state && state.code], ['failed', 'invalid_job'], id)
  }
  worker.child.kill('SIGTERM')
  assert.equal((await worker.ended()).code, 0)
})

test('a worker whose parent is gone drains by itself', async () => {
  const worker = startWorkerProcess({ REDIS_URL: server.url, COHORT_THREADS: '1' })
  await worker.ready()
  worker.child.disconnect()
  const { code, stderr } = await worker.ended()
  assert.equal(code, 0)
  assert.match(stderr, /"reason":"disconnect"/)
})

test('a worker that waits for Redis is alive, not ready, and can be ended', async () => {
  const worker = startWorkerProcess({ REDIS_URL: 'unix:///nobody/listens/here', COHORT_THREADS: '1' })
  const [, url] = await worker.logs(/"url":"([^"]*)","message":"health endpoint"/)
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
  const readyz = await fetch(`${url}/readyz`)
  assert.deepEqual(
    [readyz.status, await readyz.json()],
    [503, { status: 'not ready', missing: ['the worker is starting'] }],
  )
  worker.child.kill('SIGTERM')
  assert.equal((await worker.ended()).code, 0)
  assert.deepEqual(worker.lines, [])
})

test('a worker whose Redis does not come says so while it waits, and gives up with 1 and where it looked', async () => {
  const worker = startWorkerProcess({ REDIS_URL: 'unix:///nobody/listens/here', COHORT_THREADS: '1' })
  await worker.logs(/^(?=.*"message":"waiting for Redis").*"reason":"Redis at .*ENOENT"/m)
  const { code, stderr } = await worker.ended()
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^worker did not start: Redis at unix:\/\/\/nobody\/listens\/here \(REDIS_URL\) cannot be reached: ENOENT$/m,
  )
})

test('a configuration that is not valid stops the start with 2 and names every variable', async () => {
  const { code, stderr } = await startWorkerProcess({ COHORT_THREADS: 'many' }).ended()
  assert.equal(code, 2)
  assert.match(stderr, /REDIS_URL must be.*\n.*COHORT_THREADS must be an integer from 1 to 1024, got "many"/)
})

test('a Redis that may evict keys is refused with 1 and a sentence', async () => {
  await server.redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
  const { code, stderr } = await startWorkerProcess({ REDIS_URL: server.url }).ended()
  await server.redis.config('SET', 'maxmemory-policy', 'noeviction')
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^worker did not start: The Redis server cannot be used: .*noeviction\. Change the setting/m,
  )
})

test('each compute thread is allowed on its one core, or the log says why it is not', async (context) => {
  if (process.platform !== 'linux') return context.skip('threads are pinned on Linux only')
  const worker = startWorkerProcess({ REDIS_URL: server.url, COHORT_PINNING: 'on' })
  const line = await worker.ready()
  const alive = (await store.workers.list()).find(({ pid }) => pid === worker.child.pid)
  const cores = alive?.cpus.filter((cpu) => cpu !== null) ?? []
  const tasks = `/proc/${worker.child.pid}/task`
  const allowed = readdirSync(tasks).map(
    (tid) => /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`${tasks}/${tid}/status`, 'utf8'))?.[1],
  )
  for (const core of cores)
    assert.ok(allowed.includes(String(core)), `no thread is allowed on core ${core} alone`)
  if (cores.length > 0) assert.match(line, new RegExp(`cores ${cores.join()}\\b`))
  else
    await worker.logs(
      /"reason":"(0 of \d+ wanted|CPUs cannot be claimed|the system refused|sched_setaffinity cannot)/,
    )
  worker.child.kill('SIGTERM')
  assert.equal((await worker.ended()).code, 0)
})

test('where pinned threads were measured to be slower they run unpinned, and the log says why', async (context) => {
  if (process.platform !== 'linux') return context.skip('threads are pinned on Linux only')
  const dir = mkdtempSync(join(tmpdir(), 'cohort-verdict-'))
  context.after(() => rmSync(dir, { recursive: true }))
  writeVerdict(dir, verdictOf({ threads: 1, ratio: 0.9, at: new Date().toISOString() }, readTopology()))
  const started = (pinning: string) => {
    const common = { REDIS_URL: server.url, COHORT_THREADS: '1', COHORT_DIR: dir }
    const process = startWorkerProcess({ ...common, COHORT_PINNING: pinning })
    context.after(() => process.child.kill('SIGKILL'))
    return process
  }
  const worker = started('auto')
  assert.match(await worker.ready(), /threads 1, cores 1 unpinned/)
  await worker.logs(/"reason":"pinned threads were 0\.900 times as fast as unpinned ones here/)
  const pinned = started('on')
  await pinned.ready()
  // It has claimed its core, or another worker of this machine has them all.
  await pinned.logs(/"cpu":\d+|other processes hold the rest/)
  for (const { child, ended } of [worker, pinned]) {
    child.kill('SIGTERM')
    assert.equal((await ended()).code, 0)
  }
})
