// Promises of trying again: stale commits a bounded number of times, a crash once, anything else never.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, type ErrorCode } from '@cohort/contracts'
import { tryAgain } from './try-again.js'

/** Fails with these codes, one an attempt, then succeeds; says how often it ran. */
async function attempts(codes: readonly ErrorCode[]): Promise<{ ran: number; error: unknown }> {
  let ran = 0
  const attempt = async () => {
    const code = codes[ran++]
    if (code !== undefined) throw new CohortError(code, 'planted')
  }
  const error = await tryAgain(attempt).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { ran, error }
}

const codeOf = (error: unknown) => (error instanceof CohortError ? error.code : error)
const times = (count: number, code: ErrorCode): ErrorCode[] => Array(count).fill(code)

test('a commit that lost a race is computed again', async () => {
  assert.deepEqual(await attempts(times(3, 'stale_too_often')), { ran: 4, error: undefined })
})

test('a job whose blocks change under every attempt gives up, and the queue may try later', async () => {
  const { ran, error } = await attempts(times(99, 'stale_too_often'))
  assert.equal(ran, 32)
  assert.ok(error instanceof CohortError && error.transient)
})

test('a thread that dies under a job is forgiven once, then the job fails as a bug', async () => {
  assert.deepEqual(await attempts(['thread_lost']), { ran: 2, error: undefined })
  const { ran, error } = await attempts(times(9, 'thread_lost'))
  assert.deepEqual([ran, codeOf(error)], [2, 'internal'])
})

test('a refused job is not tried again, nor is an error that nobody foresaw', async () => {
  const { ran, error } = await attempts(['invalid_job'])
  assert.deepEqual([ran, codeOf(error)], [1, 'invalid_job'])
  const unforeseen = new TypeError('planted')
  await assert.rejects(
    tryAgain(() => Promise.reject(unforeseen)),
    unforeseen,
  )
})
