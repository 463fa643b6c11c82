// Promises of the observations: each where its agent is, faults with their paths.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { readObservations, refuseShape } from './observations.js'

const aModel = (numObs: number[], softObservations = true) => ({
  shapes: { numObs, numStates: [2], numControls: [2] },
  softObservations,
})

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
  const { columns, soft } = readObservations(
    [
      [4, 5, 9],
      [null, 2, 0],
    ],
    aModel([10, 3]),
    Uint32Array.of(2, 0, 1),
  )
  assert.deepEqual(columns, [Int32Array.of(9, 4, 5), Int32Array.of(0, -1, 2)])
  assert.equal(soft, undefined)
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
  assert.throws(run, { message: 'observations[0] has 2 entries, expected 3, one for each agent' })
})

test('an outcome that the modality has not is named at its place in the request', () => {
  assert.deepEqual(
    refusal(() =>
      readObservations(
        [
          [10, 9],
          [0, 3],
        ],
        aModel([10, 3]),
        Uint32Array.of(1, 0),
      ),
    ),
    ['observation_out_of_range', 'observations[0][0]', 'observations[1][1]'],
  )
})

test('distributions are −2 in their column, and lie beside it in the order of the ranks', () => {
  const seen = [
    [[0.25, 0.75], null, [1, 0]],
    [0, 1, 2],
  ]
  const { columns, soft } = readObservations(seen, aModel([2, 3]), Uint32Array.of(2, 1, 0))
  assert.deepEqual(columns, [Int32Array.of(-2, -1, -2), Int32Array.of(2, 1, 0)])
  const column = { outcomes: 2, ranks: Uint32Array.of(0, 2), values: Float64Array.of(1, 0, 0.25, 0.75) }
  assert.deepEqual(soft, [column, undefined])
})

test('what is no distribution over the outcomes is named with what it is and what it should be', () => {
  const seen = [[[0.5, 0.25, 0.25], [0.5, 0.4], [0.5, 0.5000009], 2]]
  assert.throws(
    () => readObservations(seen, aModel([2]), undefined),
    (error) => {
      assert.ok(error instanceof CohortError)
      const said =
        'observations[0][0] has 3 probabilities for 2 outcomes, expected 2 probabilities, one for each outcome'
      assert.equal(error.message, `${said}; and 2 more`)
      assert.deepEqual(error.errors, [
        {
          path: 'observations[0][0]',
          message: 'has 3 probabilities for 2 outcomes',
          got: '[0.5,0.25,0.25]',
          expected: '2 probabilities, one for each outcome',
        },
        {
          path: 'observations[0][1]',
          message: 'sums to 0.9',
          got: '[0.5,0.4]',
          expected: '2 probabilities that sum to 1 ± 1e-6',
        },
        {
          path: 'observations[0][3]',
          message: 'is out of range',
          got: 2,
          expected: '0 to 1, or null where nothing was seen',
        },
      ])
      return true
    },
  )
})

test('a model that passes messages takes no distribution, and the refusal says why', () => {
  assert.throws(() => readObservations([[0, [0.5, 0.5]]], aModel([2], false), undefined), {
    code: 'observation_out_of_range',
    message:
      'observations[0][1] is a distribution, which inference messagePassing does not take, expected 0 to 1, or null',
  })
})
