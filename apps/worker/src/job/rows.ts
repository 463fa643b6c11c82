// A stretch of a job's rows after the compute, to be read row by row: of a slot, or of a part that was lost.
import {
  CohortError,
  type ErrorCode,
  type ModelInfo,
  type RowError,
  type StepNote,
  type Term,
} from '@cohort/contracts'
import {
  NOTE_IMPOSSIBLE,
  NOTE_PLAN_KEPT,
  readBeliefs,
  ROW_BAD_OBSERVATION,
  ROW_OK,
  ROW_OVER_BUDGET,
  ROW_POISONED,
  ROW_WRONG_STEP,
  termBytes,
  termOf,
} from '@cohort/inference'
import type { LostRows } from './load.js'
import type { JobSlot } from './slot.js'

/** Rows are counted within the stretch; of a row that has failed nothing but `failed` and its error may be read. */
export interface JobRows {
  readonly firstRow: number
  readonly count: number
  failed(row: number): boolean
  /** Of all rows that have failed, numbered within the job. */
  errors(): RowError[]
  /** Steps applied so far, this one included. */
  step(row: number): number
  action(control: number, row: number): number
  /** [factor][state] */
  beliefs(row: number): readonly (readonly number[])[]
  /** [policy] */
  qPi(row: number): Float64Array
  /** [policy]; null where the row followed a plan that it had. */
  G(row: number): Float64Array | null
  vfe(row: number): number
  iterations(row: number): number
  margin(control: number, row: number): number
  /** [policy], null as `G`. Only where the job wants them. */
  terms(term: Term, row: number): Float64Array | null
  /** False for a row that has failed. */
  noted(note: StepNote, row: number): boolean
}

const NOTES: Readonly<Record<StepNote, number>> = { impossible: NOTE_IMPOSSIBLE, planKept: NOTE_PLAN_KEPT }

/** The step count is a row's first field: u64, little-endian. */
const STEP_AT = 0
const TWO_32 = 2 ** 32

/** What a kernel's row error is called outside. */
const ROW_CODES: Readonly<
  Record<number, { readonly code: ErrorCode; readonly detail: (step: number, expected: number) => string }>
> = {
  [ROW_WRONG_STEP]: {
    code: 'wrong_step',
    detail: (step, expected) => `the agent is at step ${step}, not at ${expected}`,
  },
  [ROW_POISONED]: {
    code: 'poisoned_state',
    detail: (step) =>
      `its state after step ${step} is none of the model’s: beliefs, last action, counts, window, beta or plan`,
  },
  [ROW_BAD_OBSERVATION]: {
    code: 'observation_out_of_range',
    detail: () => 'its observation is not an outcome of the model',
  },
  [ROW_OVER_BUDGET]: {
    code: 'plan_over_budget',
    detail: (step) => `after step ${step} its search would visit more nodes than the model’s nodeBudget`,
  },
}

export function steppedRows(
  buffer: ArrayBufferLike,
  { slot, rows: count, firstRow, layout }: JobSlot,
  info: ModelInfo,
): JobRows {
  const { rowBytes, policies } = info
  const i32 = (at: number, length: number) => new Int32Array(buffer, slot + at, length)
  const f64 = (at: number, length: number) => new Float64Array(buffer, slot + at, length)
  const errors = i32(layout.errors, count)
  const actions = i32(layout.actions, count * info.shapes.numControls.length)
  const expected = f64(layout.expectedStep, count)
  const vfe = f64(layout.vfe, count)
  const iterations = f64(layout.iterations, count)
  const margin = f64(layout.margin, count * info.shapes.numControls.length)
  const notes = i32(layout.notes, count)
  const failed = (row: number) => errors[row] !== ROW_OK
  const noted = (note: StepNote, row: number) => !failed(row) && ((notes[row] ?? 0) & NOTES[note]) !== 0
  const rows = new DataView(buffer, slot + layout.rows, count * rowBytes)
  const step = (row: number) => {
    const at = row * rowBytes + STEP_AT
    return rows.getUint32(at, true) + rows.getUint32(at + 4, true) * TWO_32
  }
  const errorOf = (row: number): RowError => {
    const known = ROW_CODES[errors[row] ?? ROW_OK]
    const detail = known?.detail(step(row), expected[row] ?? -1) ?? `the kernel said ${errors[row]}`
    return { row: firstRow + row, code: known?.code ?? 'internal', detail }
  }
  return {
    firstRow,
    count,
    failed,
    errors: () => Array.from(errors.keys()).filter(failed).map(errorOf),
    step,
    action: (control, row) => actions[control * count + row] ?? 0,
    beliefs: (row) =>
      readBeliefs(info, new Uint8Array(buffer, slot + layout.rows + row * rowBytes, rowBytes)),
    qPi: (row) => f64(layout.qPi + 8 * row * policies, policies),
    G: (row) => (noted('planKept', row) ? null : f64(layout.G + 8 * row * policies, policies)),
    vfe: (row) => vfe[row] ?? Number.NaN,
    iterations: (row) => iterations[row] ?? Number.NaN,
    margin: (control, row) => margin[control * count + row] ?? Number.NaN,
    terms: (term, row) =>
      noted('planKept', row)
        ? null
        : termOf(f64(layout.terms + termBytes(info) * row, termBytes(info) / 8), term),
    noted,
  }
}

/** The part is gone or damaged: every row of it has failed. */
export function lostRows({ firstRow, rows: count, code, detail }: LostRows): JobRows {
  const nothing = (): never => {
    throw new CohortError('internal', 'a row that was lost has been read')
  }
  return {
    firstRow,
    count,
    failed: () => true,
    errors: () => Array.from({ length: count }, (_, row) => ({ row: firstRow + row, code, detail })),
    step: nothing,
    action: nothing,
    beliefs: nothing,
    qPi: nothing,
    G: nothing,
    vfe: nothing,
    iterations: nothing,
    margin: nothing,
    terms: nothing,
    noted: () => false,
  }
}
