// Promises of the observations: each where its agent is, faults with their paths.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { readObservations, refuseShape } from './observations.js'

const refusal = (run: () => unknown): string[] => {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof CohortError)
    return [error.code, ...error.errors.map(({ path }) => path)]
  }
  assert.fail('nothing was refused')
}

test('columns follow the agents’ ranks, and what was not seen is −1', () => {
  const columns = readObservations(
    [
      [4, 5, 9],
      [null, 2, 0],
    ],
    [10, 3],
    Uint32Array.of(2, 0, 1),
  )
  assert.deepEqual(columns, [Int32Array.of(9, 4, 5), Int32Array.of(0, -1, 2)])
})

test('a column too many, too short or too long is named', () => {
  const wanted = { numObs: [10, 3], agents: 2 }
  assert.deepEqual(
    refusal(() => refuseShape([[1, 2]], wanted)),
    ['invalid_request', 'observations'],
  )
  assert.deepEqual(
    refusal(() => refuseShape([[1], [1, 2, 3]], wanted)),
    ['invalid_request', 'observations[0]', 'observations[1]'],
  )
})

test('what a column has and should have is said in a sentence', () => {
  const run = () => refuseShape([[1, 2]], { numObs: [10], agents: 3 })
  assert.throws(run, { message: 'observations[0]: has 2 entries, expected 3, one for each agent' })
})

test('an outcome that the modality has not is named at its place in the request', () => {
  assert.deepEqual(
    refusal(() =>
      readObservations(
        [
          [10, 9],
          [0, 3],
        ],
        [10, 3],
        Uint32Array.of(1, 0),
      ),
    ),
    ['observation_out_of_range', 'observations[0][0]', 'observations[1][1]'],
  )
})
