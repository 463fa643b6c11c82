// Promises of the two apps' settings: each has its bounds, they fit each other, and no password is in a fault.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultLine, Variables, type Environment } from './environment.js'
import type { Fault } from './errors.js'
import { DEFAULT_LIMITS, LEAST_RESULT_SECONDS, type Limits } from './limits.js'
import { producerSettings, workerSettings } from './settings.js'

const REDIS = { REDIS_URL: 'redis://h' }

/** What `read` makes of `env`, and the faults that it met. */
function settingsOf<T>(read: (from: Variables) => T, env: Environment) {
  const faults: Fault[] = []
  return { ...read(new Variables({ ...REDIS, ...env }, faults)), faults }
}

test('an answer is kept for the least time or longer', () => {
  const kept = (seconds: number) => ({ COHORT_RESULT_TTL_SECONDS: String(seconds) })
  const { resultTtlSeconds, faults } = settingsOf(producerSettings, kept(LEAST_RESULT_SECONDS))
  assert.deepEqual([resultTtlSeconds, faults], [LEAST_RESULT_SECONDS, []])
  const refused = settingsOf(workerSettings, kept(LEAST_RESULT_SECONDS - 1)).faults
  assert.deepEqual(
    refused.map(({ path }) => path),
    ['COHORT_RESULT_TTL_SECONDS'],
  )
})

test('a Redis URL is a URL of Redis or the path of a socket, and is never echoed', () => {
  for (const url of ['redis://h:1', 'rediss://u:p@h', 'unix:///run/redis.sock', '/run/redis.sock']) {
    const { redisUrl, faults } = settingsOf(workerSettings, { REDIS_URL: url })
    assert.deepEqual([redisUrl, faults], [url, []])
  }
  for (const url of [undefined, '', 'localhost', 'http://user:secret@host']) {
    const { faults } = settingsOf(producerSettings, { REDIS_URL: url })
    assert.deepEqual(faults.map(faultLine), [
      'REDIS_URL must be a redis://, rediss:// or unix:// URL, or the path of a Unix socket',
    ])
  }
})

test('each limit has a variable of its own', () => {
  const names = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]
  const faults: Fault[] = []
  producerSettings(new Variables(new Proxy<Environment>({}, { get: () => 'none' }), faults))
  const bounds = faults.map(({ path }) => path).filter((path) => path.startsWith('COHORT_MAX_'))
  // Three are no limits of what crosses a border: steps that wait, streams that are open, and what these hold.
  assert.equal(new Set(bounds).size, names.length + 3)
})

test('limits that an app does not hold keep their defaults, and cannot be at fault', () => {
  const env = { COHORT_MAX_BODY_BYTES: 'many', COHORT_MAX_FACTORS: '3' }
  const { limits, faults } = settingsOf(workerSettings, env)
  assert.deepEqual([limits, faults], [{ ...DEFAULT_LIMITS, factors: 3 }, []])
})

test('limits that do not fit each other are named by their variables, once each of them is a number', () => {
  const env = { COHORT_MAX_AGENT_BYTES: '1000000' }
  const [fault, ...more] = settingsOf(producerSettings, env).faults.map(faultLine)
  assert.match(fault ?? '', /^COHORT_MAX_AGENT_BYTES, COHORT_MAX_JOB_BYTES do not fit each other: limit /)
  assert.deepEqual(more, [])
  const [first, ...others] = settingsOf(producerSettings, { ...env, COHORT_MAX_FACTORS: 'x' }).faults
  assert.equal(first?.path, 'COHORT_MAX_FACTORS')
  assert.deepEqual(others, [])
})

test('the steps that wait hold the largest request, the arena a job and a model', () => {
  const producer = settingsOf(producerSettings, { COHORT_MAX_WAITING_STEPS: '10' }).faults
  assert.match(producer.map(faultLine).join(), /^COHORT_MAX_WAITING_STEPS must hold the largest request /)
  const worker = settingsOf(workerSettings, { COHORT_ARENA_BYTES: '2000000' }).faults
  assert.match(
    worker.map(faultLine).join(),
    /^COHORT_ARENA_BYTES must hold a job .* and a model .*, got 2000000$/,
  )
})
