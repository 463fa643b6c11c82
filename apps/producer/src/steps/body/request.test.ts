// Promises of the request's check: it accepts what the schema accepts, and names each entry that it does not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checker, CohortError, StepRequest } from '@cohort/contracts'
import fc from 'fast-check'
import { readRequest } from './request.js'

const bySchema = checker(StepRequest)

const pathsOf = (body: unknown): string[] => {
  try {
    readRequest(body)
    return []
  } catch (error) {
    assert.ok(error instanceof CohortError)
    assert.equal(error.code, 'invalid_request')
    return error.errors.map(({ path }) => path)
  }
}

const entry = fc.oneof(
  { weight: 8, arbitrary: fc.nat(30) },
  fc.constantFrom(null, -1, 1.5, '1', true, [], {}, Number.MAX_VALUE),
  fc.array(fc.constantFrom(0, 1, 0.5, -0.5, '1', null, [], Infinity, Number.NaN), { maxLength: 3 }),
)
const field = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const bodies = fc.oneof(
  fc.jsonValue(),
  fc
    .record(
      {
        population: fc.constantFrom('p', 'no:colon', 7),
        agents: field(
          fc.oneof(fc.array(entry, { maxLength: 4 }), fc.record({ from: entry, count: entry }), entry),
        ),
        observations: fc.oneof(
          fc.array(fc.oneof(fc.array(entry, { maxLength: 4 }), entry), { maxLength: 3 }),
          entry,
        ),
        t: field(entry),
        return: field(fc.array(fc.constantFrom('action', 'step', 'G', 'nothing'), { maxLength: 3 })),
        waitMs: field(fc.constantFrom(0, 1, 30_000, 30_001)),
        priority: fc.constant(1),
      },
      { requiredKeys: [] },
    )
    .map((body) => Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))),
)

test('it accepts exactly what the schema accepts', () => {
  fc.assert(
    fc.property(bodies, (body) =>
      assert.equal(pathsOf(body).length === 0, bySchema(body).ok, JSON.stringify(body)),
    ),
    { numRuns: 2000 },
  )
})

test('a good request comes back as it is', () => {
  const body = {
    population: 'p',
    agents: [3, 1],
    observations: [[1, null]],
    t: 4,
    return: ['step'],
    waitMs: 10,
  }
  assert.equal(readRequest(body), body)
})

test('entries and fields are named with their paths', () => {
  const body = {
    population: 'p',
    agents: [1, -1, 'x'],
    observations: [[1, 2.5], 'no', [null, 3, {}, [0.5, -0.5], [1, 0]]],
    priority: 1,
  }
  const paths = [
    'observations[0][1]',
    'observations[2][2]',
    'observations[2][3]',
    'agents[1]',
    'agents[2]',
    'observations[1]',
    'priority',
  ]
  assert.deepEqual(pathsOf(body).sort(), paths.sort())
  assert.deepEqual(pathsOf(undefined), [''])
})

test('a million bad entries are told as sixteen', () => {
  const observations = [Array.from({ length: 1_000_000 }, () => 'x')]
  assert.equal(pathsOf({ population: 'p', observations }).length, 16)
})
