// Promises of the configuration: defaults that fit each other, all faults at once, each naming its variable.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultLine, type CohortError } from '@cohort/contracts'
import { readConfig } from './config.js'

const faultsOf = (env: Record<string, string>): string[] => {
  try {
    readConfig(env)
    return []
  } catch (error) {
    return (error as CohortError).errors.map(faultLine)
  }
}

test('a Redis URL is all that must be set', () => {
  const config = readConfig({ REDIS_URL: 'redis://127.0.0.1:6379' })
  assert.equal(config.threads, undefined)
  assert.equal(config.pinning, 'auto')
  assert.equal(config.dir, undefined)
  assert.equal(config.drainMs, 10_000)
  assert.equal(config.healthPort, 0)
  assert.ok(Object.isFrozen(config))
})

test('each variable reaches its field', () => {
  const config = readConfig({
    REDIS_URL: '/run/redis.sock',
    COHORT_THREADS: '3',
    COHORT_PINNING: 'off',
    COHORT_DIR: '/data',
    COHORT_HEALTH_PORT: '9100',
    COHORT_HEALTH_HOST: '0.0.0.0',
    COHORT_RESULT_TTL_SECONDS: '60',
    COHORT_DRAIN_MS: '0',
    COHORT_LOG_LEVEL: 'debug',
    COHORT_LOG_FORMAT: 'json',
    COHORT_MAX_POLICIES: '125',
  })
  assert.deepEqual(
    [
      config.redisUrl,
      config.threads,
      config.pinning,
      config.dir,
      config.healthPort,
      config.healthHost,
      config.resultTtlSeconds,
    ],
    ['/run/redis.sock', 3, 'off', '/data', 9100, '0.0.0.0', 60],
  )
  const { drainMs, logLevel, logFormat, limits } = config
  assert.deepEqual([drainMs, logLevel, logFormat, limits.policies], [0, 'debug', 'json', 125])
})

test('all faults are told at once, each with its variable and what it holds', () => {
  const faults = faultsOf({
    COHORT_THREADS: 'two',
    COHORT_PINNING: 'maybe',
    COHORT_HEALTH_PORT: '70000',
    COHORT_LOG_LEVEL: 'loud',
  })
  assert.equal(faults.length, 5)
  assert.match(faults[0] ?? '', /^REDIS_URL must be a redis/)
  assert.match(faults[1] ?? '', /^COHORT_THREADS must be an integer from 1 to 1024, got "two"$/)
  assert.match(faults[2] ?? '', /^COHORT_PINNING must be one of auto, on, off, got "maybe"$/)
  assert.match(faults[3] ?? '', /^COHORT_HEALTH_PORT .*"70000"$/)
  assert.match(
    faults[4] ?? '',
    /^COHORT_LOG_LEVEL must be one of debug, info, warn, error, silent, got "loud"$/,
  )
})

test('bounds that do not fit each other are named by their variables', () => {
  const faults = faultsOf({
    REDIS_URL: 'redis://h',
    COHORT_MAX_AGENT_BYTES: '1000000',
    COHORT_ARENA_BYTES: '2000000',
  })
  assert.match(faults[0] ?? '', /^COHORT_MAX_AGENT_BYTES, COHORT_MAX_JOB_BYTES do not fit each other/)
  assert.match(faults[1] ?? '', /^COHORT_ARENA_BYTES must hold a job .* and a model .*, got 2000000$/)
})
