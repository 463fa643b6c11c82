// A part of a job in the arena: where its rows, observations and outputs lie, how they come in and go out.
import { type Job, type JobPart, type ModelInfo, SEEN_SOFTLY } from '@cohort/contracts'
import { type SlotExtras, slotLayout, slotShape, type SlotLayout } from '@cohort/inference'
import type { Observations } from '@cohort/queue'
import type { FoundPart } from '@cohort/store'
import type { SlotRows } from './cut-tasks.js'

/** A part whose rows are in the arena: its own rows and no others, in the part's order. */
export interface JobSlot extends SlotRows {
  readonly part: JobPart
  /** The number of its first row in the job. */
  readonly firstRow: number
  readonly layout: SlotLayout
  /** As the store had it: what the commit compares, and the block around the rows where it is written whole. */
  readonly stored: FoundPart
}

/** What of a slot only some jobs need. */
export const extrasOf = ({ observations, job }: JobColumns & { readonly job: Job }): SlotExtras => ({
  soft: observations.soft.some((distributions) => distributions !== null),
  terms: job.return.includes('terms'),
})

/** A slot for `part` at the byte `slot` of the arena. */
export function placeSlot(
  info: ModelInfo,
  extras: SlotExtras,
  { part, firstRow, stored, slot }: Pick<JobSlot, 'part' | 'firstRow' | 'stored' | 'slot'>,
): JobSlot {
  const layout = slotLayout(slotShape(info, extras), part.rows)
  return { part, firstRow, stored, slot, rows: part.rows, layout }
}

/** What a job gives to its slots, besides the rows: columns over all of its rows. */
export interface JobColumns {
  readonly observations: Observations
  readonly expectedStep: Float64Array
}

/** Rows from the store, observations and expected steps from the job → the slot. */
export function fillSlot(buffer: ArrayBufferLike, place: JobSlot, columns: JobColumns): void {
  const { slot, rows, firstRow, layout, stored } = place
  const { bytes, runs } = rowsOf(buffer, place)
  for (const { inSlot, inStored, length } of runs)
    bytes.set(stored.rows.subarray(inStored, inStored + length), inSlot)
  const end = firstRow + rows
  new Float64Array(buffer, slot + layout.expectedStep, rows).set(columns.expectedStep.subarray(firstRow, end))
  columns.observations.columns.forEach((column, modality) => {
    const at = slot + layout.obs + column.BYTES_PER_ELEMENT * modality * rows
    new Int32Array(buffer, at, rows).set(column.subarray(firstRow, end))
  })
}

/** What was seen softly → the slots of a job, which are in the order of their rows; rows that were lost have none. */
export function fillSoft(
  buffer: ArrayBufferLike,
  slots: readonly JobSlot[],
  { columns, soft }: Observations,
  numObs: readonly number[],
): void {
  const perRow = numObs.reduce((sum, outcomes) => sum + outcomes, 0)
  let before = 0
  for (const [modality, outcomes] of numObs.entries()) {
    const [column, distributions] = [columns[modality], soft[modality] ?? null]
    if (column !== undefined && distributions !== null) {
      softRowsIn(column, slots).forEach((at, n) => {
        if (at === undefined) return
        const target = new Float64Array(buffer, at.soft + 8 * (at.row * perRow + before), outcomes)
        target.set(distributions.subarray(n * outcomes, (n + 1) * outcomes))
      })
    }
    before += outcomes
  }
}

/** Of each row that was seen softly: its place in its slot, and where that slot's `soft` begins. */
function softRowsIn(
  column: Int32Array,
  slots: readonly JobSlot[],
): ({ readonly row: number; readonly soft: number } | undefined)[] {
  const rows: ReturnType<typeof softRowsIn> = []
  let next = 0
  for (const [row, outcome] of column.entries()) {
    if (outcome !== SEEN_SOFTLY) continue
    let place = slots[next]
    while (place !== undefined && row >= place.firstRow + place.rows) place = slots[++next]
    if (place === undefined || row < place.firstRow) rows.push(undefined)
    else rows.push({ row: row - place.firstRow, soft: place.slot + place.layout.soft })
  }
  return rows
}

/**
 * Rows from the slot → `stored.rows`, which a commit then writes: over the rows as they were loaded, so that a block
 * that is written whole keeps those that the part does not name, and nothing is allocated.
 */
export function drawRows(buffer: ArrayBufferLike, place: JobSlot): Buffer {
  const { bytes, runs } = rowsOf(buffer, place)
  const { rows } = place.stored
  for (const { inSlot, inStored, length } of runs) rows.set(bytes.subarray(inSlot, inSlot + length), inStored)
  return rows
}

/** Bytes that lie side by side in the slot and in what the store gave. */
interface Run {
  readonly inSlot: number
  readonly inStored: number
  readonly length: number
}

/** One run; or one a row, where the store gave the whole block for some rows of it. */
function rowsOf(
  buffer: ArrayBufferLike,
  { slot, rows, layout, part, stored }: JobSlot,
): { bytes: Uint8Array; runs: Run[] } {
  const { rowBytes, whole } = stored
  const bytes = new Uint8Array(buffer, slot + layout.rows, rows * rowBytes)
  const { index } = part
  if (index === undefined || !whole)
    return { bytes, runs: [{ inSlot: 0, inStored: 0, length: bytes.length }] }
  return {
    bytes,
    runs: index.map((row, at) => ({ inSlot: at * rowBytes, inStored: row * rowBytes, length: rowBytes })),
  }
}
