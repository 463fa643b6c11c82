// Promises of problems: a caller learns what to do, never how we are built; what nobody expected is in the log.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, type Problem } from '@cohort/contracts'
import { openLog } from '@cohort/telemetry'
import { fastify } from 'fastify'
import { ProblemFilter } from './problem.filter.js'

/** What comes of an error thrown by a route, and what is logged of it. */
async function answerTo(error: unknown) {
  const lines: string[] = []
  const log = openLog({ app: 'test', level: 'warn', write: (line) => lines.push(line), nowMs: () => 0 })
  const filter = new ProblemFilter(log, 100)
  const app = fastify()
  app.setErrorHandler((thrown, request, reply) => filter.answer(thrown, request, reply))
  app.get('/', () => Promise.reject(error))
  const reply = await app.inject('/')
  await app.close()
  assert.match(String(reply.headers['content-type']), /^application\/problem\+json/)
  return {
    status: reply.statusCode,
    headers: reply.headers,
    text: reply.body,
    problem: reply.json<Problem>(),
    logged: lines.join(''),
  }
}

test('an error that nobody expected is told by its number, and logged with its cause', async () => {
  const { status, problem, text, logged } = await answerTo(
    new Error('the secret', { cause: new Error('the reason') }),
  )
  assert.deepEqual([status, problem.code], [500, 'internal'])
  assert.doesNotMatch(text, /secret|reason|\.js/)
  assert.match(problem.detail, /^unexpected error [0-9a-f-]{36}$/)
  assert.ok(logged.includes(problem.detail))
  assert.match(logged, /the secret[^]*problem\.filter\.test\.js[^]*the reason/)
})

test('an error of ours that should not happen is told no more of', async () => {
  const { status, text, logged } = await answerTo(new CohortError('internal', 'block 7 has 3 rows'))
  assert.equal(status, 500)
  assert.doesNotMatch(text, /block 7/)
  assert.match(logged, /block 7 has 3 rows/)
})

test('a damaged record is named, to be restored, and logged', async () => {
  const { problem, logged } = await answerTo(new CohortError('corrupt_record', 'the record of population p'))
  assert.deepEqual([problem.code, problem.detail], ['corrupt_record', 'the record of population p'])
  assert.match(logged, /the record of population p/)
})

test('a refusal is told with its faults and is nothing for the log', async () => {
  const errors = [{ path: 'count', message: 'is too large', got: 7, expected: 'at most 5' }]
  const { status, problem, headers, logged } = await answerTo(
    new CohortError('population_too_large', '7', { errors }),
  )
  assert.deepEqual([status, problem.errors, headers['retry-after'], logged], [413, errors, undefined, ''])
})

test('a passing error says when to come back: when it knows, else in a second', async () => {
  const knows = await answerTo(new CohortError('overloaded', 'many', { retryAfterMs: 2100 }))
  assert.deepEqual([knows.status, knows.headers['retry-after']], [429, '3'])
  assert.equal((await answerTo(new CohortError('redis_unavailable', 'away'))).headers['retry-after'], '1')
})
