// The answer to a job, as JSON: what its slots hold after the compute. Used by leg commit.
import { setImmediate as breathe } from 'node:timers/promises'
import {
  RESULT_VERSION,
  type ModelInfo,
  type ReturnField,
  type ResultNotes,
  type RowError,
  STEP_NOTES,
  TERMS,
  type WorkerMarks,
} from '@cohort/contracts'
import type { ComputedJob } from './dispatch.js'
import { lostRows, steppedRows, type JobRows } from './rows.js'

/** The main thread lets others in after so long: columns of beliefs or policies can be some megabytes of numbers. */
const BREATH_MS = 4

export interface JobText {
  readonly text: string
  readonly failedRows: number
}

/**
 * A `JobResult` with the columns that the job asked for, a row a step in the job's order; where a row has failed, 0 in
 * `step` and `action`, null in the others, and its reason under `errors`. Rows with a note are listed under `notes`.
 */
export async function resultText(
  buffer: ArrayBufferLike,
  computed: ComputedJob,
  marks: WorkerMarks,
): Promise<JobText> {
  const { info } = computed.model.info
  const stretches = [
    ...computed.slots.map((place) => steppedRows(buffer, place, info)),
    ...computed.lost.map(lostRows),
  ]
  stretches.sort((a, b) => a.firstRow - b.firstRow)
  const columns: string[] = []
  for (const field of computed.job.return) {
    columns.push(`${JSON.stringify(field)}:${await gathered(COLUMNS[field](stretches, info))}`)
  }
  const errors: RowError[] = stretches.flatMap((stretch) => stretch.errors())
  const [jobId, failed, times] = [computed.id, errors, marks].map((value) => JSON.stringify(value))
  const head = `"v":${RESULT_VERSION},"jobId":${jobId},"ok":true`
  const notes = notesText(stretches)
  const text = `{${head},"columns":{${columns.join()}},"errors":${failed},${notes}"marks":${times}}`
  return { text, failedRows: errors.length }
}

/** Text in pieces, of which none is long to write. */
type Column = (stretches: readonly JobRows[], info: ModelInfo) => Iterable<string>

const COLUMNS: Readonly<Record<ReturnField, Column>> = {
  step: (stretches) => [
    JSON.stringify(perRow(stretches, (rows, row) => (rows.failed(row) ? 0 : rows.step(row)))),
  ],
  action: (stretches, { shapes }) => [
    JSON.stringify(
      shapes.numControls.map((_, control) =>
        perRow(stretches, (rows, row) => (rows.failed(row) ? 0 : rows.action(control, row))),
      ),
    ),
  ],
  margin: (stretches, { shapes }) => [
    JSON.stringify(
      shapes.numControls.map((_, control) =>
        perRow(stretches, (rows, row) => (rows.failed(row) ? null : rows.margin(control, row))),
      ),
    ),
  ],
  iterations: (stretches) => [
    JSON.stringify(perRow(stretches, (rows, row) => (rows.failed(row) ? null : rows.iterations(row)))),
  ],
  vfe: (stretches) => [
    JSON.stringify(perRow(stretches, (rows, row) => (rows.failed(row) ? null : rows.vfe(row)))),
  ],
  qPi: (stretches) => vectors(stretches, (rows, row) => rows.qPi(row)),
  G: (stretches) => vectors(stretches, (rows, row) => rows.G(row)),
  beliefs,
  terms,
}

function perRow<T>(stretches: readonly JobRows[], read: (rows: JobRows, row: number) => T): T[] {
  return stretches.flatMap((rows) => Array.from({ length: rows.count }, (_, row) => read(rows, row)))
}

function* vectors(
  stretches: readonly JobRows[],
  read: (rows: JobRows, row: number) => Float64Array | null,
): Generator<string> {
  let before = '['
  for (const rows of stretches) {
    for (let row = 0; row < rows.count; row++) {
      yield before + vectorText(rows.failed(row) ? null : read(rows, row))
      before = ','
    }
  }
  yield ']'
}

const vectorText = (vector: Float64Array | null): string =>
  vector === null ? 'null' : JSON.stringify([...vector])

function* terms(stretches: readonly JobRows[]): Generator<string> {
  let before = '{'
  for (const term of TERMS) {
    yield `${before}${JSON.stringify(term)}:`
    yield* vectors(stretches, (rows, row) => rows.terms(term, row))
    before = ','
  }
  yield '}'
}

/** [factor][row][state], while a row holds all factors: each is read once, and factors are put together at the end. */
function* beliefs(stretches: readonly JobRows[], { shapes }: ModelInfo): Generator<string> {
  const factors = shapes.numStates.map(() => [] as string[])
  for (const rows of stretches) {
    for (let row = 0; row < rows.count; row++) {
      const read = rows.failed(row) ? null : rows.beliefs(row)
      factors.forEach((texts, factor) => texts.push(JSON.stringify(read?.[factor] ?? null)))
      yield ''
    }
  }
  yield `[${factors.map((texts) => `[${texts.join()}]`).join()}]`
}

/** With a comma at its end; empty where no row has a note. */
function notesText(stretches: readonly JobRows[]): string {
  const notes: { -readonly [note in keyof ResultNotes]: number[] } = {}
  for (const rows of stretches) {
    for (const note of STEP_NOTES) {
      for (let row = 0; row < rows.count; row++)
        if (rows.noted(note, row)) (notes[note] ??= []).push(rows.firstRow + row)
    }
  }
  return Object.keys(notes).length === 0 ? '' : `"notes":${JSON.stringify(notes)},`
}

async function gathered(pieces: Iterable<string>): Promise<string> {
  let text = ''
  let breathedMs = performance.now()
  for (const piece of pieces) {
    text += piece
    if (performance.now() - breathedMs < BREATH_MS) continue
    await breathe()
    breathedMs = performance.now()
  }
  return text
}
