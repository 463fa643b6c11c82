// For tests: the same steps straight through the kernel, without store, arena or threads: what a worker must match.
import type { Job, ResultColumns } from '@cohort/contracts'
import {
  compileModel,
  makeScratch,
  mapModel,
  readRow,
  slotLayout,
  slotShape,
  stepRows,
} from '@cohort/inference'
import type { Store } from '@cohort/store'
import { observationsFor, type KnownModel } from './agents.js'

export interface DirectSteps {
  readonly rows: Uint8Array
  readonly columns: Required<ResultColumns>
}

/** Rows as the store holds them, one after the other → the same rows a step on, and every column. None may fail. */
function stepDirectly(
  { valid, info }: KnownModel,
  rows: Uint8Array,
  observations: readonly Int32Array[],
): DirectSteps {
  const count = rows.length / info.rowBytes
  const layout = slotLayout(slotShape(info), count)
  const buffer = new ArrayBuffer(layout.bytes)
  const f64 = (at: number, length: number) => new Float64Array(buffer, at, length)
  const bytes = new Uint8Array(buffer, layout.rows, rows.length)
  bytes.set(rows)
  f64(layout.expectedStep, count).fill(-1)
  observations.forEach((column, m) => new Int32Array(buffer, layout.obs + 4 * m * count, count).set(column))
  const model = mapModel(new Uint8Array(compileModel(valid)).buffer, 0)
  const want = { qPi: true, G: true, vfe: true }
  stepRows({ model, buffer, slot: 0, rows: count, from: 0, to: count, scratch: makeScratch(model), want })
  const agents = Array.from({ length: count }, (_, row) =>
    readRow(info, bytes.subarray(row * info.rowBytes, (row + 1) * info.rowBytes)),
  )
  const policies = (at: number) =>
    agents.map((_, row) => [...f64(at + 8 * row * info.policies, info.policies)])
  return {
    rows: bytes,
    columns: {
      step: agents.map(({ step }) => step),
      action: info.shapes.numControls.map((_, f) => agents.map(({ lastAction }) => lastAction?.[f] ?? -1)),
      beliefs: info.shapes.numStates.map((_, f) => agents.map(({ beliefs }) => beliefs[f] ?? [])),
      qPi: policies(layout.qPi),
      G: policies(layout.G),
      vfe: [...f64(layout.vfe, count)],
    },
  }
}

/** The rows that a job names, as they are in the store now, in the job's order. */
export async function rowsOf(store: Store, { info }: KnownModel, job: Job): Promise<Uint8Array> {
  const parts = await store.blocks.load(job.parts.map((part) => ({ ...part, index: part.index ?? null })))
  const rows = parts.map((found, at) => {
    if (found.state !== 'found') throw new Error(`part ${at} is ${found.state}`)
    const index = job.parts[at]?.index
    if (index === undefined || !found.whole) return found.rows
    return Buffer.concat(
      index.map((row) => found.rows.subarray(row * info.rowBytes, (row + 1) * info.rowBytes)),
    )
  })
  return Buffer.concat(rows)
}

/** What a job must bring, computed from what is in the store before it runs. */
export async function expectedOf(
  store: Store,
  model: KnownModel,
  { job, salt = 0 }: { job: Job; salt?: number },
): Promise<DirectSteps> {
  return stepDirectly(model, await rowsOf(store, model, job), observationsFor(model, job.count, salt))
}
