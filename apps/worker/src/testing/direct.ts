// For tests: the same steps straight through the kernel, without store, arena or threads: what a worker must match.
import { type Job, type ResultColumns, SEEN_SOFTLY, type Term, TERMS } from '@cohort/contracts'
import { NOTE_PLAN_KEPT, ownSlot, type OwnSlot, readRow } from '@cohort/inference'
import type { Observations } from '@cohort/queue'
import type { Store } from '@cohort/store'
import { observationsFor, type KnownModel, type SeenOf } from './agents.js'

export interface DirectSteps {
  readonly rows: Uint8Array
  readonly columns: Required<ResultColumns>
}

/** A slot and its rows. */
interface Stepped extends Pick<OwnSlot, 'buffer' | 'slot' | 'layout'> {
  readonly count: number
}

const EXTRAS = { soft: true, terms: true }
const WANT = { qPi: true, G: true, vfe: true, terms: true }

/** Rows as the store holds them, one after the other → the same rows a step on, and every column. None may fail. */
function stepDirectly({ valid, info }: KnownModel, rows: Uint8Array, seen: Observations): DirectSteps {
  const count = rows.length / info.rowBytes
  const { buffer, slot, layout, step } = ownSlot(valid, { rows: count, extras: EXTRAS })
  const bytes = new Uint8Array(buffer, slot + layout.rows, rows.length)
  bytes.set(rows)
  fillSeen({ buffer, slot, layout, count }, info.shapes.numObs, seen)
  step(WANT)
  return { rows: bytes, columns: columnsIn({ buffer, slot, layout, count }, info) }
}

function fillSeen(
  { buffer, slot, layout, count }: Stepped,
  numObs: readonly number[],
  seen: Observations,
): void {
  const lists = seen.soft.map((list) => [...(list ?? [])])
  const soft: number[] = []
  for (let row = 0; row < count; row++) {
    numObs.forEach((outcomes, m) => {
      const none = Array.from({ length: outcomes }, () => Number.NaN)
      soft.push(...(seen.columns[m]?.[row] === SEEN_SOFTLY ? (lists[m]?.splice(0, outcomes) ?? []) : none))
    })
  }
  new Float64Array(buffer, slot + layout.soft, soft.length).set(soft)
  new Int32Array(buffer, slot + layout.obs, count * numObs.length).set(
    seen.columns.flatMap((column) => [...column]),
  )
}

function columnsIn(
  { buffer, slot, layout, count }: Stepped,
  info: KnownModel['info'],
): Required<ResultColumns> {
  const { policies, rowBytes, shapes } = info
  const f64 = (at: number, length: number) => [...new Float64Array(buffer, slot + at, length)]
  const rows = Array.from({ length: count }, (_, row) => row)
  const notes = new Int32Array(buffer, slot + layout.notes, count)
  const agents = rows.map((row) =>
    readRow(info, new Uint8Array(buffer, slot + layout.rows + row * rowBytes, rowBytes)),
  )
  const kept = (row: number) => ((notes[row] ?? 0) & NOTE_PLAN_KEPT) !== 0
  const perPolicy = (at: number) => rows.map((row) => f64(at + 8 * row * policies, policies))
  const term = (t: number) =>
    rows.map((row) =>
      kept(row) ? null : f64(layout.terms + 8 * policies * (row * TERMS.length + t), policies),
    )
  return {
    step: agents.map(({ step }) => step),
    action: shapes.numControls.map((_, c) => agents.map(({ lastAction }) => lastAction?.[c] ?? -1)),
    beliefs: shapes.numStates.map((_, f) => agents.map(({ beliefs }) => beliefs[f] ?? [])),
    qPi: perPolicy(layout.qPi),
    G: perPolicy(layout.G).map((G, row) => (kept(row) ? null : G)),
    vfe: f64(layout.vfe, count),
    iterations: f64(layout.iterations, count),
    margin: shapes.numControls.map((_, c) => f64(layout.margin + 8 * c * count, count)),
    terms: Object.fromEntries(TERMS.map((name, t) => [name, term(t)])) as Record<Term, (number[] | null)[]>,
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
  { job, ...seen }: { job: Job } & SeenOf,
): Promise<DirectSteps> {
  return stepDirectly(model, await rowsOf(store, model, job), observationsFor(model, job.count, seen))
}
