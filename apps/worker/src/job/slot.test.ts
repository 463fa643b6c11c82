// What was seen softly finds its row, also where parts of the job are lost: nobody gets what another saw.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, NOT_SEEN, SEEN_SOFTLY } from '@cohort/contracts'
import { describeModel, validateModel } from '@cohort/inference'
import { aModel, foundRows } from '../testing/agents.js'
import { fillSoft, type JobSlot, placeSlot } from './slot.js'

const info = { ...describeModel(validateModel(aModel(), DEFAULT_LIMITS)), modelId: 'm' }
const { numObs } = info.shapes
const PER_ROW = numObs.reduce((sum, outcomes) => sum + outcomes, 0)
const ROWS = 9
const EXTRAS = { soft: true, terms: false }

/** Rows 2 to 4 and 6 to 7 of a job of nine; the parts before, between and after them are lost. */
function slots(): { buffer: ArrayBuffer; places: JobSlot[] } {
  const buffer = new ArrayBuffer(64 * 1024)
  const place = (firstRow: number, rows: number, slot: number) => {
    const part = { population: 'p', generation: '0'.repeat(16), block: 0, rows }
    const stored = foundRows(info, rows)
    return placeSlot(info, EXTRAS, { part, firstRow, slot, stored })
  }
  return { buffer, places: [place(2, 3, 0), place(6, 2, 16 * 1024)] }
}

test('each row that stepped has its own distributions, whichever rows of the job were lost', () => {
  const { buffer, places } = slots()
  // Of modality m, row r saw a distribution that is told by its numbers: 100 (m + 1) + 10 r + o. Every third saw none.
  const isSoft = (row: number, m: number) => (row + m) % 3 !== 0
  const seen = (row: number, m: number) =>
    Array.from({ length: numObs[m] ?? 0 }, (_, o) => 100 * (m + 1) + 10 * row + o)
  const rows = Array.from({ length: ROWS }, (_, row) => row)
  const columns = numObs.map((_, m) =>
    Int32Array.from(rows, (row) => (isSoft(row, m) ? SEEN_SOFTLY : NOT_SEEN)),
  )
  const soft = numObs.map((_, m) =>
    Float64Array.from(rows.filter((row) => isSoft(row, m)).flatMap((row) => seen(row, m))),
  )
  fillSoft(buffer, places, { columns, soft }, numObs)
  // All of the arena is looked at: what a lost row saw may be nowhere in it.
  const expected = new Float64Array(buffer.byteLength / 8)
  for (const { slot, layout, firstRow, rows: count } of places) {
    for (let row = firstRow; row < firstRow + count; row++) {
      const none = (outcomes: number) => Array.from({ length: outcomes }, () => 0)
      const all = numObs.flatMap((outcomes, m) => (isSoft(row, m) ? seen(row, m) : none(outcomes)))
      expected.set(all, (slot + layout.soft) / 8 + (row - firstRow) * PER_ROW)
    }
  }
  assert.deepEqual(new Float64Array(buffer), expected)
})
