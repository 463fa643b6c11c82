// `--json` of the commands that stay: one object alone on standard output when they are ready.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Cohort } from '@cohort/client'
import { alive, type Running, start, terminate } from '../support/processes.js'

const cohort = (args: readonly string[], env: Record<string, string>): Promise<Running> =>
  start('apps/cli/dist/main.js', { COHORT_DIR: dir, PORT: '0', ...env }, args)

/** What it printed, which is one line, and one object. */
function objectOf(running: Running): unknown {
  assert.equal(running.printed(), `${running.ready}\n`)
  return JSON.parse(running.ready)
}

interface Up {
  readonly url: string
  readonly redisUrl: string
  readonly workers: number
  readonly threadsEach: number
  readonly pids: { readonly producer: number; readonly workers: readonly number[] }
}

let dir: string
let running: Running
let up: Up
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cohort-json-'))
  running = await cohort(['up', '--workers', '2', '--json'], { COHORT_THREADS: '1', REDIS_URL: '' })
  up = objectOf(running) as Up
})
after(async () => {
  await terminate(running)
  await rm(dir, { recursive: true, force: true })
})

test('up: where it is, on which Redis, and which processes do the work', async () => {
  await new Cohort({ url: up.url }).ready()
  assert.deepEqual([up.workers, up.threadsEach, up.pids.workers.length], [2, 1, 2])
  for (const pid of [up.pids.producer, ...up.pids.workers]) assert.ok(await alive(pid), `process ${pid}`)
})

test('a second system of the same folder leaves the logs of the first as they are', async () => {
  const first = await readFile(join(dir, 'logs', 'producer.log'), 'utf8')
  const second = await cohort(['up', '--json'], { COHORT_THREADS: '1', REDIS_URL: '' })
  await terminate(second)
  assert.ok((await readFile(join(dir, 'logs', 'producer.log'), 'utf8')).startsWith(first))
  assert.notEqual(await readFile(join(dir, 'logs-2', 'producer.log'), 'utf8'), '')
})

test('a producer: its address and its process', async () => {
  const producer = await cohort(['producer', '--json'], { REDIS_URL: up.redisUrl })
  const { url, pid, ...rest } = objectOf(producer) as { url: string; pid: number }
  assert.deepEqual(rest, {})
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
  assert.ok(await alive(pid))
  assert.notEqual(pid, producer.pid)
  assert.equal(await terminate(producer), 0)
  objectOf(producer)
})

test('a worker: its process, its threads, their CPUs, its health endpoint', async () => {
  const worker = await cohort(['worker', '--json'], {
    REDIS_URL: up.redisUrl,
    COHORT_THREADS: '3',
    COHORT_PINNING: 'off',
  })
  const { health, pid, ...rest } = objectOf(worker) as { health: string; pid: number }
  assert.deepEqual(rest, { threads: 3, cpus: [] })
  assert.equal((await fetch(`${health}/readyz`)).status, 200)
  assert.ok(await alive(pid))
  assert.equal(await terminate(worker), 0)
  objectOf(worker)
})

test('a given Redis is not repeated: its URL may hold a password', async () => {
  const second = await cohort(['up', '--json'], { REDIS_URL: up.redisUrl, COHORT_THREADS: '1' })
  assert.equal((objectOf(second) as Up).redisUrl, null)
  await terminate(second)
  objectOf(second)
})
