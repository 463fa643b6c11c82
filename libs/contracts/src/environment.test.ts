// Promises of reading an environment: nothing but what fits, all faults at once, no password in them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { faultLine, readEnvironment, type Environment, type Variables } from './environment.js'
import { CohortError, type Fault } from './errors.js'
import { DEFAULT_LIMITS, LEAST_RESULT_SECONDS, type Limits } from './limits.js'

function faultsOf(env: Environment, read: (from: Variables) => unknown): readonly Fault[] {
  try {
    readEnvironment(env, (from) => ({ read: read(from) }))
  } catch (error) {
    assert.ok(error instanceof CohortError)
    assert.equal(error.code, 'configuration')
    return error.errors
  }
  return []
}

const level = (from: Variables) => from.oneOf('LEVEL', { values: ['low', 'high'], otherwise: 'low' })
const size = (from: Variables) => from.integer('SIZE', { least: 2, most: 9_000, otherwise: undefined })

const host = (from: Variables) => from.text('HOST', 'here')

test('what is not set, or empty, is what the app says otherwise', () => {
  for (const env of [{}, { SIZE: '', LEVEL: '', HOST: '' }]) {
    const config = readEnvironment(env, (from) => ({
      size: size(from),
      level: level(from),
      host: host(from),
    }))
    assert.deepEqual(config, { size: undefined, level: 'low', host: 'here' })
    assert.ok(Object.isFrozen(config))
  }
})

test('what is set is what the app gets', () => {
  const env = {
    SIZE: '2',
    LEVEL: 'high',
    HOST: 'there',
    COHORT_RESULT_TTL_SECONDS: String(LEAST_RESULT_SECONDS),
    COHORT_DRAIN_MS: '0',
  }
  const config = readEnvironment(env, (from) => ({
    all: [size(from), level(from), host(from), from.resultTtlSeconds(), from.drainMs()],
  }))
  assert.deepEqual(config.all, [2, 'high', 'there', LEAST_RESULT_SECONDS, 0])
})

test('an answer is kept for the least time or longer', () => {
  const env = { COHORT_RESULT_TTL_SECONDS: String(LEAST_RESULT_SECONDS - 1) }
  assert.equal(faultsOf(env, (from) => from.resultTtlSeconds())[0]?.path, 'COHORT_RESULT_TTL_SECONDS')
})

test('an integer between its bounds is read as it was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9_000 }), (value) => {
      const config = readEnvironment({ SIZE: String(value) }, (from) => ({ size: size(from) }))
      assert.equal(config.size, value)
    }),
  )
})

for (const text of ['1', '9001', '-3', '1.5', '1e3', ' 2', '0x10', '99999999999999999999']) {
  test(`an integer written ${JSON.stringify(text)} is refused, with its bounds`, () => {
    assert.deepEqual(faultsOf({ SIZE: text }, size).map(faultLine), [
      `SIZE must be an integer from 2 to 9000, got ${JSON.stringify(text)}`,
    ])
  })
}

test('all faults are told at once, in the order in which they were met', () => {
  const faults = faultsOf({ SIZE: 'two', LEVEL: 'middle' }, (from) => {
    from.redisUrl()
    size(from)
    level(from)
    from.fault({ path: 'SIZE, LEVEL', message: 'do not go together' })
  })
  assert.deepEqual(faults.map(faultLine), [
    'REDIS_URL must be a redis://, rediss:// or unix:// URL, or the path of a Unix socket',
    'SIZE must be an integer from 2 to 9000, got "two"',
    'LEVEL must be one of low, high, got "middle"',
    'SIZE, LEVEL do not go together',
  ])
})

test('a Redis URL is a URL of Redis or the path of a socket, and is never echoed', () => {
  for (const url of ['redis://h:1', 'rediss://u:p@h', 'unix:///run/redis.sock', '/run/redis.sock'])
    assert.deepEqual(
      readEnvironment({ REDIS_URL: url }, (from) => ({ url: from.redisUrl() })),
      { url },
    )
  for (const url of ['', 'localhost', 'http://user:secret@host']) {
    const [fault] = faultsOf({ REDIS_URL: url }, (from) => from.redisUrl())
    assert.equal(fault?.path, 'REDIS_URL')
    assert.doesNotMatch(JSON.stringify(fault), /secret/)
  }
})

test('each limit has a variable of its own', () => {
  const names = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]
  const everything = new Proxy<Environment>({}, { get: () => 'none' })
  const paths = faultsOf(everything, (from) => from.limits(names)).map(({ path }) => path)
  assert.equal(new Set(paths).size, names.length)
  assert.ok(paths.every((path) => path.startsWith('COHORT_MAX_')))
})

test('limits that an app does not hold keep their defaults, and cannot be at fault', () => {
  const env = { COHORT_MAX_BODY_BYTES: 'many', COHORT_MAX_FACTORS: '3' }
  const { limits } = readEnvironment(env, (from) => ({ limits: from.limits(['factors']) }))
  assert.deepEqual(limits, { ...DEFAULT_LIMITS, factors: 3 })
})

test('limits that do not fit each other are named by their variables, once each of them is a number', () => {
  const env = { COHORT_MAX_AGENT_BYTES: '1000000' }
  const [fault, ...more] = faultsOf(env, (from) => from.limits()).map(faultLine)
  assert.match(fault ?? '', /^COHORT_MAX_AGENT_BYTES, COHORT_MAX_JOB_BYTES do not fit each other: limit /)
  assert.deepEqual(more, [])
  const [first, ...others] = faultsOf({ ...env, COHORT_MAX_FACTORS: 'x' }, (from) => from.limits())
  assert.equal(first?.path, 'COHORT_MAX_FACTORS')
  assert.deepEqual(others, [])
})
