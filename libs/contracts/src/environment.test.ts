// Promises of reading an environment: nothing but what fits, and all faults at once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { faultLine, readEnvironment, type Environment, type Variables } from './environment.js'
import { CohortError, type Fault } from './errors.js'

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
  }
  const config = readEnvironment(env, (from) => ({
    all: [size(from), level(from), host(from)],
  }))
  assert.deepEqual(config.all, [2, 'high', 'there'])
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
    size(from)
    level(from)
    from.fault({ path: 'SIZE, LEVEL', message: 'do not go together' })
  })
  assert.deepEqual(faults.map(faultLine), [
    'SIZE must be an integer from 2 to 9000, got "two"',
    'LEVEL must be one of low, high, got "middle"',
    'SIZE, LEVEL do not go together',
  ])
})
