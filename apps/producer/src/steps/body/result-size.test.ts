// Promises of the size of results: the bound holds for any numbers, and what passes the limit is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, DEFAULT_LIMITS, RETURN_FIELDS, TERMS } from '@cohort/contracts'
import { refuseLargeResults, refuseLargeTerms, resultCharacters } from './result-size.js'

const shapes = { numObs: [2], numStates: [3, 2], numControls: [2, 1] }
const row = [{ name: 'planAge', index: 0, at: 24, shape: [1] }] as const
const model = { shapes, policies: 2000, row: row.map((one) => ({ ...one, shape: [...one.shape] })) }
const seen = (agents: number) => ({ observations: [Array.from({ length: agents }, () => 0)] })

test('no number is longer than its bound', () => {
  const real = -1.1e-300 / 7
  assert.equal(String(real).length, 24)
  const reals = (count: number) => Array.from({ length: count }, () => real)
  const columns = {
    agents: [2 ** 32 - 1],
    step: [Number.MAX_SAFE_INTEGER],
    action: [[2 ** 32 - 1], [2 ** 32 - 1]],
    beliefs: [[reals(3)], [reals(2)]],
    qPi: [reals(2000)],
    G: [reals(2000)],
    vfe: [real],
    iterations: [1024],
    margin: [[real], [real]],
    terms: Object.fromEntries(TERMS.map((term) => [term, [reals(2000)]])),
    impossible: [2 ** 32 - 1],
    planKept: [2 ** 32 - 1],
  }
  const one = JSON.stringify(columns)
  const two = JSON.stringify(columns, (_, value: unknown) => twice(value))
  assert.ok(two.length - one.length <= resultCharacters(RETURN_FIELDS, model))
  // Not so far above that good requests would be refused.
  assert.ok(two.length - one.length > 0.9 * resultCharacters(RETURN_FIELDS, model))
})

/** Each column of one agent as that of two. */
function twice(value: unknown): unknown {
  const isOfOne = Array.isArray(value) && value.length === 1
  return isOfOne ? [value[0] as unknown, value[0] as unknown] : value
}

test('columns of many policies for many agents are refused, with what they would have', () => {
  const fields = ['qPi', 'G'] as const
  const run = () => refuseLargeResults(seen(8192), { fields, model, limits: DEFAULT_LIMITS })
  assert.throws(run, (error: unknown) => {
    assert.ok(error instanceof CohortError)
    assert.equal(error.code, 'too_many_steps')
    const [fault] = error.errors
    assert.equal(fault?.path, 'return')
    assert.equal(fault.got, 8192 * (3 * 11 + 2 * (3 + 2000 * 25)))
    assert.equal(fault.expected, `at most ${DEFAULT_LIMITS.resultBytes} bytes`)
    return true
  })
})

test('the largest request gets the columns that it has where it does not say', () => {
  const fields = ['action', 'step'] as const
  refuseLargeResults(seen(DEFAULT_LIMITS.stepsPerRequest), { fields, model, limits: DEFAULT_LIMITS })
})

test('what just fits is taken, and one agent more is not', () => {
  const limits = { resultBytes: 10 * resultCharacters(['vfe'], model) }
  refuseLargeResults(seen(10), { fields: ['vfe'], model, limits })
  assert.throws(() => refuseLargeResults(seen(11), { fields: ['vfe'], model, limits }))
})

test('terms that make an agent too large are refused with both numbers; without them it is not', () => {
  const info = {
    ...model,
    modelId: 'a'.repeat(64),
    softObservations: true,
    compiledBytes: 64,
    rowBytes: 64,
    agentBytes: 1000,
    termBytes: 80_000,
  }
  refuseLargeTerms(['terms'], { model: info, limits: { agentBytes: 81_000 } })
  refuseLargeTerms(['G'], { model: info, limits: { agentBytes: 1000 } })
  const run = () => refuseLargeTerms(['terms'], { model: info, limits: { agentBytes: 80_999 } })
  assert.throws(run, {
    code: 'model_too_large',
    message: /takes 81000 bytes .* more than 80999 \(COHORT_MAX_AGENT_BYTES\)/,
  })
})
