// Promises of the configuration: defaults that fit each other, all faults at once, each naming its variable.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, faultLine, type CohortError } from '@cohort/contracts'
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
  assert.deepEqual([config.host, config.port, config.gatherMs], ['127.0.0.1', 3000, 2])
  assert.deepEqual(config.limits, DEFAULT_LIMITS)
  assert.ok(config.waitingSteps >= config.limits.stepsPerRequest)
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.limits))
})

test('each variable reaches its field', () => {
  const config = readConfig({
    REDIS_URL: 'unix:///run/redis.sock',
    PORT: '0',
    HOST: '0.0.0.0',
    COHORT_REDIS_MS: '500',
    COHORT_GATHER_MS: '0',
    COHORT_RESULT_TTL_SECONDS: '60',
    COHORT_MAX_WAITING_STEPS: '2000000',
    COHORT_MAX_EVENT_STREAMS: '7',
    COHORT_MAX_EVENT_BYTES: '8',
    COHORT_DRAIN_MS: '5',
    COHORT_LOG_LEVEL: 'silent',
    COHORT_LOG_FORMAT: 'pretty',
    COHORT_MAX_BODY_BYTES: '1',
    COHORT_MAX_REQUEST_STEPS: '2',
    COHORT_MAX_RESULT_BYTES: '9',
    COHORT_MAX_POPULATION_AGENTS: '3',
    COHORT_MAX_FACTORS: '4',
    COHORT_MAX_MODALITIES: '5',
    COHORT_MAX_POLICIES: '6',
    COHORT_MAX_MODEL_BYTES: '7',
    COHORT_MAX_STEP_WORK: '3000000000',
    COHORT_MAX_AGENT_BYTES: '8',
    COHORT_MAX_JOB_BYTES: '10000',
  })
  const { limits, ...rest } = config
  assert.deepEqual(rest, {
    redisUrl: 'unix:///run/redis.sock',
    port: 0,
    host: '0.0.0.0',
    redisMs: 500,
    gatherMs: 0,
    resultTtlSeconds: 60,
    waitingSteps: 2_000_000,
    eventStreams: 7,
    eventBytes: 8,
    drainMs: 5,
    logLevel: 'silent',
    logFormat: 'pretty',
    tracing: undefined,
  })
  assert.deepEqual(Object.values(limits), [1, 2, 9, 3, 4, 5, 6, 7, 3_000_000_000, 8, 10_000])
})

test('all faults are told at once, each with its variable and what it holds', () => {
  const faults = faultsOf({
    PORT: '70000',
    COHORT_GATHER_MS: '-1',
    COHORT_LOG_LEVEL: 'loud',
    COHORT_MAX_BODY_BYTES: '32MB',
  })
  assert.equal(faults.length, 5)
  for (const name of ['REDIS_URL', 'PORT', 'COHORT_GATHER_MS', 'COHORT_LOG_LEVEL', 'COHORT_MAX_BODY_BYTES']) {
    assert.equal(faults.filter((fault) => fault.startsWith(`${name} must be`)).length, 1, name)
  }
  assert.ok(faults.includes('COHORT_MAX_BODY_BYTES must be an integer from 1 to 2147483647, got "32MB"'))
})

test('bounds that do not fit each other are named by their variables', () => {
  const faults = faultsOf({
    REDIS_URL: '/s',
    COHORT_MAX_AGENT_BYTES: '1000000',
    COHORT_MAX_WAITING_STEPS: '10',
  })
  assert.match(faults[0] ?? '', /^COHORT_MAX_AGENT_BYTES, COHORT_MAX_JOB_BYTES do not fit each other/)
  assert.match(faults[1] ?? '', /^COHORT_MAX_WAITING_STEPS must hold the largest request .*, got 10$/)
})
