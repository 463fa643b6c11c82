// `cohort doctor` as a process: what it says of this machine, and of a Redis in use, to be changed, or away.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from '@cohort/store'
import { fileOf } from '../support/processes.js'
import { startSystem, type System } from '../support/system.js'
import { until } from '../support/until.js'

interface Check {
  readonly area: string
  readonly name: string
  readonly status: 'ok' | 'note' | 'off' | 'fault'
  readonly found: string
  readonly chosen?: string
  readonly mend?: string
}

let system: System
let dir: string
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cohort-doctor-'))
  system = await startSystem({ workers: 1 })
})
after(async () => {
  await rm(dir, { recursive: true })
  // `startSystem` leaves nothing where it fails.
  await (system as System | undefined)?.stop()
})

/** Runs it without the tests' own variables of Redis. */
const cohort = (args: readonly string[], env: Record<string, string>) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { env: { ...process.env, REDIS_URL: '', COHORT_DIR: dir, ...env } }
    const child = execFile(
      process.execPath,
      [fileOf('apps/cli/dist/main.js'), ...args],
      options,
      (_, out, err) => resolve({ code: child.exitCode ?? -1, stdout: out, stderr: err }),
    )
  })

/** One object alone on standard output, whatever the verdict. */
async function examined(env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await cohort(['doctor', '--json'], env)
  assert.equal(stderr, '')
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] }
  assert.equal(code, ok ? 0 : 1)
  const of = (area: string, name: string) =>
    checks.find((check) => check.area === area && check.name === name) ?? assert.fail(`${area}: ${name}`)
  return { ok, checks, of }
}

test('this machine can run Cohort by itself, and nothing on it is changed', async () => {
  const { ok, checks, of } = await examined()
  assert.equal(ok, true, JSON.stringify(checks.filter(({ status }) => status === 'fault')))
  assert.match(of('node', 'version').found, new RegExp(`^${process.versions.node}`))
  assert.match(of('redis', 'server').found, /^REDIS_URL is not given; \S+, version \d+\.\d+/)
  assert.match(of('machine', 'threads').chosen ?? '', /^a worker starts \d+ compute threads?$/)
  if (process.platform === 'linux')
    assert.match(of('pinning', 'threads').found, /^tried: a thread was pinned/)
  assert.deepEqual(await readdir(dir), [])
})

test('people get the same as lines, without colour where nobody sees it', async () => {
  const { code, stdout } = await cohort(['doctor'], {})
  assert.equal(code, 0)
  assert.match(stdout, /^node\n {2}✓ ok {5}version {2,}\d/)
  assert.match(stdout, /\nCohort can run here: \d+ ok, \d+ notes?, \d+ off\.\n$/)
  assert.ok(!stdout.includes('\u001b'))
})

test('a Redis in use: its version, what it keeps, and the producers and workers on it', async () => {
  const { ok, of } = await examined({ REDIS_URL: system.redis.url })
  assert.equal(ok, true)
  assert.match(
    of('redis', 'server').found,
    /^(redis|valkey) \d.* at redis:\/\/127\.0\.0\.1:\d+, round trip [\d.]+ ms$/,
  )
  assert.equal(of('redis', 'eviction').status, 'ok')
  assert.deepEqual(
    [of('redis', 'persistence').status, of('workers', 'producers').found],
    ['note', '1 on this Redis'],
  )
  const pid = system.workers[0]?.pid
  assert.match(of('workers', 'workers').found, new RegExp(`process ${pid}: 1 compute thread`))
})

test('a Redis that may evict must be changed first: 1, and how', async () => {
  const redis = connect(system.redis.url, { name: 'test', onError: () => {} })
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
  try {
    const { ok, checks } = await examined({ REDIS_URL: system.redis.url })
    assert.equal(ok, false)
    const faults = checks.filter(({ status }) => status === 'fault')
    assert.deepEqual(
      faults.map(({ area, name }) => [area, name]),
      [['redis', 'eviction']],
    )
    assert.match(faults[0]?.mend ?? '', /maxmemory-policy noeviction/)
  } finally {
    await redis.config('SET', 'maxmemory-policy', 'noeviction')
    redis.disconnect()
  }
})

test('a Redis that is away: 1, at once, without the password', async () => {
  const { ok, checks, of } = await examined({ REDIS_URL: 'redis://user:secret@127.0.0.1:1' })
  assert.equal(ok, false)
  assert.match(of('redis', 'server').found, /^redis:\/\/127\.0\.0\.1:1 cannot be used: ECONNREFUSED$/)
  assert.doesNotMatch(JSON.stringify(checks), /secret/)
})

test('whatever is wrong, it is one object with the fault in it, and no secret', async () => {
  const redis = connect(system.redis.url, { name: 'test', onError: () => {} })
  await redis.zadd('{s0}:workers', '+inf', 'x-damaged')
  await redis.hset('{s0}:workers:info', 'x-damaged', '{"host":"h","pid":1,"threads":1}')
  try {
    const { ok, checks } = await examined({ REDIS_URL: system.redis.url })
    assert.equal(ok, true)
    assert.ok(checks.some(({ found }) => found === 'what x-damaged says of itself is damaged'))
    assert.equal((await fetch(`${system.url}/readyz`)).status, 200)
    const line = 'what a worker says of itself is damaged'
    await until('the producer says it', () => Promise.resolve(system.producer.said().includes(line)))
  } finally {
    await redis.zrem('{s0}:workers', 'x-damaged')
    redis.disconnect()
  }
  for (const env of [
    { REDIS_URL: 'redis://u:hunter2/x@127.0.0.1:1/0' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u%zz:hunter2@127.0.0.1:1' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2%0Ax' },
  ]) {
    const { ok, checks } = await examined(env)
    assert.equal(ok, false)
    assert.doesNotMatch(JSON.stringify(checks), /hunter2/)
  }
})
