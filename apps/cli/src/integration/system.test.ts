// Promises of a system's start: the user's settings reach the processes, and what is wrong is said in a sentence.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { findRedisServer, startEmbedded } from '@cohort/store'
import { readTopology, verdictOf, writeVerdict } from '@cohort/threads'
import { readConfig } from '../config.js'
import { startSystem } from '../system.js'
import { startTestSystem } from '../testing/test-system.js'

/** Starts as `cohort up` does; `said` is what it told a person. */
async function starting(t: TestContext, environment: Record<string, string>) {
  const dir = mkdtempSync(join(tmpdir(), 'cohort-cli-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const said: string[] = []
  const config = readConfig({ ...process.env, REDIS_URL: '', PORT: '0', COHORT_DIR: dir, ...environment })
  const say = (line: string) => said.push(line)
  const options = { config, workers: 1, anyPort: false, verbose: false, say }
  const system = await startSystem(options, new AbortController().signal)
  await system.stop()
  return { system, said }
}

const failsWith = (message: RegExp) => (error: unknown) =>
  error instanceof CohortError && error.code === 'process_failed' && message.test(error.message)

test('the count of threads that a user sets is kept, and one that is none is refused', async (t) => {
  const { system, said } = await starting(t, { COHORT_THREADS: '3' })
  assert.deepEqual([system.threadsEach, said], [3, []])
  await assert.rejects(
    starting(t, { COHORT_THREADS: 'many' }),
    failsWith(/COHORT_THREADS must be an integer from 1 to 1024, got "many"$/),
  )
})

test('a port that is taken is told before anything is started, with its setting and who is there', async (t) => {
  const refusal = async (PORT: string) => {
    const dir = mkdtempSync(join(tmpdir(), 'cohort-cli-'))
    t.after(() => rmSync(dir, { recursive: true }))
    const error = await starting(t, { PORT, COHORT_DIR: dir }).then(
      () => assert.fail('it started'),
      (reason: unknown) => reason,
    )
    assert(error instanceof CohortError && error.code === 'configuration', String(error))
    assert.deepEqual(readdirSync(dir), [])
    return error.message
  }
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const other = await refusal(String((server.address() as AddressInfo).port))
  assert.match(other, /^port (\d+) on 127\.0\.0\.1 is taken \(PORT=\1\): another program listens there\.\n/)
  assert.match(other, /PORT=0 npm run -s cohort -- up$/)
  const first = await startTestSystem()
  t.after(() => first.stop())
  const { port } = new URL(first.url)
  assert.match(
    await refusal(port),
    new RegExp(`a Cohort answers there already, ${first.url}\\. Use that one`),
  )
})

test('what the producer warns of in a Redis that was given is told', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'cohort-cli-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const { path, redisServer } = readConfig()
  const executable = findRedisServer(path, redisServer)
  assert(executable !== undefined)
  const redis = await startEmbedded({ dir, executable, log: () => {}, onLost: () => {} })
  t.after(() => redis.stop())
  const { said } = await starting(t, { REDIS_URL: redis.url })
  assert.match(said.join('\n'), /^producer warns: appendfsync is everysec: .*$/)
})

test('workers look for a measurement of pinning in the folder of the system', async (t) => {
  if (process.platform !== 'linux') return t.skip('threads are pinned on Linux only')
  const dir = mkdtempSync(join(tmpdir(), 'cohort-cli-'))
  t.after(() => rmSync(dir, { recursive: true }))
  writeVerdict(dir, verdictOf({ threads: 1, ratio: 0.9, at: new Date().toISOString() }, readTopology()))
  const environment = {
    ...process.env,
    REDIS_URL: '',
    COHORT_DIR: '',
    COHORT_PINNING: '',
    COHORT_THREADS: '1',
  }
  const config = { ...readConfig(environment), dir }
  const options = { config, workers: 1, anyPort: true, verbose: false, say: () => {} }
  const system = await startSystem(options, new AbortController().signal)
  await system.stop()
  assert.match(readFileSync(join(dir, 'logs', 'worker-1.log'), 'utf8'), /pinned threads were 0\.900 times/)
})
