// The bounds and what must hold between them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, ERRORS, isErrorCode, sentenceOf } from './errors.js'
import { ADD_WITHIN_MS, DEFAULT_LIMITS, LEAST_RESULT_SECONDS, limitFaults } from './limits.js'

test('the default limits fit together', () => {
  assert.deepEqual(limitFaults(DEFAULT_LIMITS), [])
})

test('an add is not sent again when the answer to its jobs may have been forgotten', () => {
  // The last add waits for its reply, and its job for a worker: the answer must outlive that too.
  assert.ok(2 * ADD_WITHIN_MS < 1000 * LEAST_RESULT_SECONDS)
})

test('a job that cannot hold one block of the largest agents is refused, by the names of both limits', () => {
  const [fault] = limitFaults({ ...DEFAULT_LIMITS, agentBytes: DEFAULT_LIMITS.jobBytes })
  assert.match(String(fault), /jobBytes .* agentBytes/)
})

test('results that no string could hold are refused by the name of their limit', () => {
  const resultBytes = 2 ** 29 - 1
  assert.match(limitFaults({ ...DEFAULT_LIMITS, resultBytes }).join(), /limit resultBytes must be at most/)
})

test('a limit that is no positive integer is refused by its name', () => {
  for (const value of [0, -1, 1.5, Number.NaN]) {
    assert.match(
      limitFaults({ ...DEFAULT_LIMITS, policies: value }).join(),
      /limit policies must be a positive integer/,
    )
  }
})

test('an error becomes a problem with the status, title and code of its row', () => {
  const problem = new CohortError('unknown_model', 'no model x', {
    errors: [{ path: 'modelId', message: 'unknown' }],
  }).toProblem()
  assert.equal(problem.status, ERRORS.unknown_model.status)
  assert.equal(problem.title, ERRORS.unknown_model.title)
  assert.equal(problem.code, 'unknown_model')
  assert.equal(problem.errors?.[0]?.path, 'modelId')
})

test('an error is said in a sentence, with what to do next where the table knows', () => {
  const { title, next } = ERRORS.redis_unfit
  for (const detail of ['it forgets', 'it forgets.'])
    assert.equal(sentenceOf(new CohortError('redis_unfit', detail)), `${title}: it forgets. ${next}`)
  assert.equal(sentenceOf(new Error('out of luck')), 'out of luck')
  assert.equal(sentenceOf('thrown'), 'thrown')
})

test('only transient errors are worth another try', () => {
  assert.equal(new CohortError('redis_unavailable', '').transient, true)
  assert.equal(new CohortError('invalid_model', '').transient, false)
  assert.equal(new CohortError('internal', '').transient, false)
})

test('a code that came over the wire is believed only if the table has it', () => {
  assert.equal(isErrorCode('overloaded'), true)
  for (const code of ['toString', 'nope', 3, null]) assert.equal(isErrorCode(code), false)
})
