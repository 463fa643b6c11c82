// A part of a job in the arena: where its rows, observations and outputs lie, how they come in and go out.
import type { JobPart, ModelInfo } from '@cohort/contracts'
import { slotLayout, slotShape, type SlotLayout } from '@cohort/inference'
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

/** A slot for `part` at the byte `slot` of the arena. */
export function placeSlot(
  info: ModelInfo,
  { part, firstRow, stored, slot }: Pick<JobSlot, 'part' | 'firstRow' | 'stored' | 'slot'>,
): JobSlot {
  return { part, firstRow, stored, slot, rows: part.rows, layout: slotLayout(slotShape(info), part.rows) }
}

/** What a job gives to its slots, besides the rows: columns over all of its rows. */
export interface JobColumns {
  readonly observations: readonly Int32Array[]
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
  columns.observations.forEach((column, modality) => {
    const at = slot + layout.obs + column.BYTES_PER_ELEMENT * modality * rows
    new Int32Array(buffer, at, rows).set(column.subarray(firstRow, end))
  })
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
