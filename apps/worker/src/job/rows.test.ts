// What is told of a row: of one that has failed its error, and nothing that its slot still holds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, STEP_NOTES } from '@cohort/contracts'
import {
  describeModel,
  NOTE_IMPOSSIBLE,
  NOTE_PLAN_KEPT,
  ROW_POISONED,
  validateModel,
} from '@cohort/inference'
import { aModel, foundRows } from '../testing/agents.js'
import { steppedRows } from './rows.js'
import { placeSlot } from './slot.js'

const info = { ...describeModel(validateModel(aModel(), DEFAULT_LIMITS)), modelId: 'm' }

test('a row that has failed has no note, whatever stands in its slot: it is among the errors alone', () => {
  const part = { population: 'p', generation: '0'.repeat(16), block: 0, rows: 3 }
  const extras = { soft: false, terms: false }
  const place = placeSlot(info, extras, { part, firstRow: 5, slot: 0, stored: foundRows(info, 3) })
  const buffer = new ArrayBuffer(place.layout.bytes)
  new Int32Array(buffer, place.layout.notes, 3).set([0, NOTE_IMPOSSIBLE | NOTE_PLAN_KEPT, NOTE_IMPOSSIBLE])
  new Int32Array(buffer, place.layout.errors, 3)[1] = ROW_POISONED
  const rows = steppedRows(buffer, place, info)
  assert.deepEqual(
    rows.errors().map(({ row, code }) => [row, code]),
    [[6, 'poisoned_state']],
  )
  assert.deepEqual(
    STEP_NOTES.map((note) => [0, 1, 2].map((row) => rows.noted(note, row))),
    [
      [false, false, true],
      [false, false, false],
    ],
  )
})
