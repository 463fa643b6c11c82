// Promises of the account: every step that is lost or doubled shows, wherever it happened.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Batch } from '@cohort/contracts'
import fc from 'fast-check'
import { addAccounts, Ledger } from './ledger.js'
import { holds } from './report.js'

const answer = (agents: number[], step: number[]): Batch => ({
  batchId: 'b-00000000-0000-4000-8000-000000000001',
  status: 'completed',
  results: { agents, step },
})

/** Two agents, two ticks; the second tick as given, and what Redis says at the end. */
function accountOf(second: Batch, found: { total: number; min: number; max: number }) {
  const ledger = new Ledger(2)
  ledger.sent(2)
  ledger.answered(answer([0, 1], [1, 1]))
  ledger.sent(2)
  ledger.answered(second)
  ledger.found(found)
  return ledger.account
}

test('a run in which all is well holds', () => {
  const account = accountOf(answer([0, 1], [2, 2]), { total: 4, min: 2, max: 2 })
  assert.deepEqual(account, { stepsSent: 4, stepsApplied: 4, lost: 0, duplicated: 0 })
  assert(holds(account))
})

test('a step answered but not applied is lost', () => {
  const account = accountOf(answer([0, 1], [1, 2]), { total: 3, min: 1, max: 2 })
  assert.deepEqual([account.lost, account.duplicated, holds(account)], [1, 0, false])
})

test('a step applied twice is a duplicate', () => {
  const account = accountOf(answer([0, 1], [3, 2]), { total: 5, min: 2, max: 3 })
  assert.deepEqual([account.lost, account.duplicated, holds(account)], [0, 1, false])
})

test('what Redis lost after the last answer shows', () => {
  const account = accountOf(answer([0, 1], [2, 2]), { total: 3, min: 1, max: 2 })
  assert.deepEqual([account.lost, account.duplicated, holds(account)], [1, 0, false])
})

test('one lost and one doubled do not cancel', () => {
  const account = accountOf(answer([0, 1], [2, 2]), { total: 4, min: 1, max: 3 })
  assert.deepEqual([account.lost, account.duplicated, holds(account)], [1, 1, false])
})

test('an agent whose step failed has lost nothing, but the run does not hold', () => {
  const account = accountOf(answer([1], [2]), { total: 3, min: 1, max: 2 })
  assert.deepEqual(account, { stepsSent: 4, stepsApplied: 3, lost: 0, duplicated: 0 })
  assert(!holds(account))
})

test('any answers in which each agent’s number rises by one hold', () => {
  const agents = fc.integer({ min: 1, max: 20 })
  fc.assert(
    fc.property(agents, fc.integer({ min: 1, max: 10 }), (count, ticks) => {
      const ledger = new Ledger(count)
      const all = Array.from({ length: count }, (_, i) => i)
      for (let tick = 1; tick <= ticks; tick++) {
        ledger.sent(count)
        ledger.answered(
          answer(
            all,
            all.map(() => tick),
          ),
        )
      }
      ledger.found({ total: count * ticks, min: ticks, max: ticks })
      assert(holds(ledger.account))
    }),
  )
})

test('accounts add up', () => {
  const one = { stepsSent: 4, stepsApplied: 3, lost: 1, duplicated: 2 }
  assert.deepEqual(addAccounts([one, one]), { stepsSent: 8, stepsApplied: 6, lost: 2, duplicated: 4 })
})
