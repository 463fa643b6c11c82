// A row as it is written, stepped and read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { readRow } from './read.js'
import { writeInitialRows, writeLastAction } from './write.js'
import { openTestSlot } from '../testing/test-slot.js'
import { madeModel } from '../testing/models.js'

const slot = () =>
  openTestSlot(madeModel({ numStates: [3, 2], numObs: [3], numControls: [2, 3], seed: 3 }), 4)

test('a new agent is at step 0 with its initial beliefs, no action and a seed of its own', () => {
  const { valid, info, row } = slot()
  const agents = [0, 1, 2, 3].map((agent) => readRow(info, row(agent)))
  for (const { step, lastAction, beliefs } of agents) {
    assert.deepEqual(
      { step, lastAction, beliefs },
      { step: 0, lastAction: null, beliefs: valid.D.map((D) => [...D]) },
    )
  }
  assert.equal(new Set(agents.map(({ seed }) => seed)).size, 4)
})

test('an agent’s row does not depend on where its block begins', () => {
  const { valid, info, row } = slot()
  // Rows come from Redis at any offset of a larger buffer.
  const out = new Uint8Array(2 * info.rowBytes + 3).subarray(3)
  writeInitialRows({ model: valid, seed: 7, from: 2, out })
  assert.deepEqual([...out.subarray(info.rowBytes)], [...row(3)])
})

test('a row is a multiple of 32 bytes: 25 states take 224', () => {
  const model = madeModel({ numStates: [25], numObs: [2], numControls: [5], seed: 1 })
  assert.equal(openTestSlot(model, 1).info.rowBytes, 224)
})

test('after a step the row tells the action that was chosen', () => {
  const { info, row, obs, step, actions } = slot()
  obs.fill(1)
  step()
  const { step: at, lastAction } = readRow(info, row(1))
  assert.deepEqual([at, lastAction], [1, [actions[1], actions[4 + 1]]])
})

test('an action done elsewhere can be put in the place of the chosen one', () => {
  const { info, row } = slot()
  writeLastAction(info, row(0), [1, 2])
  assert.deepEqual(readRow(info, row(0)).lastAction, [1, 2])
})

test('bytes that are no row of the model are refused', () => {
  const { info } = slot()
  assert.throws(() => readRow(info, new Uint8Array(info.rowBytes - 1)), CohortError)
})
