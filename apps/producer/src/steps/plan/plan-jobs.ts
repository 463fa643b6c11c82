// leg: gather. Packs admitted steps of one model into jobs: whole blocks first, no agent twice in a job.
import {
  BLOCK_AGENTS,
  BY_ROW_PART,
  JOB_PARTS,
  JOB_STEPS,
  type JobOrigin,
  type JobPart,
} from '@cohort/contracts'
import { mustHold } from '../../must-hold.js'
import type { AdmittedSteps } from '../admit.js'
import { layersOf, rowAt, type Slice, type Unit } from './layers.js'
import { joined, type SoftPieces, softPiecesOf } from './soft-pieces.js'

/** A job before it has an id. */
export interface PlannedJob {
  readonly parts: readonly JobPart[]
  readonly count: number
  /** columns[modality][row], `NOT_SEEN` or `SEEN_SOFTLY` where there is no outcome. */
  readonly columns: readonly Int32Array[]
  /** soft[modality]: the distributions of its rows, one after the other; null where there are none. */
  readonly soft: readonly (Float64Array | null)[]
  readonly origins: readonly JobOrigin[]
  /**
   * Where each batch's steps lie in the job: triples `rank, row, count`. The steps of ranks
   * `rank…rank+count−1`, in the ascending order of the batch's agents, are the rows `row…row+count−1`.
   */
  readonly runs: ReadonlyMap<AdmittedSteps, readonly number[]>
}

/**
 * Plans jobs for steps of one model that want the same columns; they are to be added in the order returned.
 * Each step is in exactly one job. An agent that is in several batches is in as many jobs, in the batches'
 * order. `jobBytes` bounds what a job takes in a worker's arena.
 */
export function planJobs(pending: readonly AdmittedSteps[], jobBytes: number): PlannedJob[] {
  return layersOf(pending).flatMap((layer) => packed(layer, jobBytes).map(filled))
}

/** A layer's units job by job, whole blocks first, within the bounds of a job. */
function packed(layer: readonly Unit[], jobBytes: number): Unit[][] {
  const jobs: Unit[][] = []
  let open: Unit[] = []
  let rows = 0
  let bytes = 0
  for (const unit of [...layer.filter(isWhole), ...layer.filter((one) => !isWhole(one))]) {
    const more = arenaBytes(unit)
    if (
      open.length === JOB_PARTS ||
      rows + unit.rows > JOB_STEPS ||
      (open.length > 0 && bytes + more > jobBytes)
    ) {
      jobs.push(open)
      open = []
      rows = bytes = 0
    }
    open.push(unit)
    rows += unit.rows
    bytes += more
  }
  if (open.length > 0) jobs.push(open)
  return jobs
}

const isWhole = (unit: Unit): boolean => unit.rows === unit.size

/** Over `BY_ROW_PART` rows the worker loads the whole block. */
const arenaBytes = (unit: Unit): number => (unit.rows > BY_ROW_PART ? unit.size : unit.rows) * unit.agentBytes

/** A job under construction: rows are appended run by run. */
interface Draft {
  readonly columns: readonly Int32Array[]
  readonly soft: SoftPieces
  readonly origins: JobOrigin[]
  readonly runs: Map<AdmittedSteps, number[]>
  row: number
}

function filled(units: readonly Unit[]): PlannedJob {
  const count = units.reduce((sum, unit) => sum + unit.rows, 0)
  const modalities = units[0]?.slices[0]?.steps.columns.length ?? 0
  const columns = Array.from({ length: modalities }, () => new Int32Array(count))
  const draft: Draft = { columns, soft: columns.map(() => []), origins: [], runs: new Map(), row: 0 }
  const parts = units.map((unit) => {
    const slices = unit.slices.length === 1 ? unit.slices : interleaved(unit.slices)
    for (const slice of slices) append(draft, slice)
    const { id, generation } = unit.population
    const part = { population: id, generation, block: unit.block, rows: unit.rows }
    return isWhole(unit) ? part : { ...part, index: slices.flatMap(rowsOf) }
  })
  mustHold(draft.row === count, 'a job has as many rows as its units')
  return { parts, count, columns, soft: joined(draft.soft), origins: draft.origins, runs: draft.runs }
}

const rowsOf = ({ steps, from, to }: Slice): number[] =>
  Array.from({ length: to - from }, (_, i) => rowAt(steps, from + i))

/** The same steps cut so that their agents ascend from slice to slice: a part's rows do. */
function interleaved(slices: readonly Slice[]): Slice[] {
  const owner: (Slice | undefined)[] = Array.from({ length: BLOCK_AGENTS })
  const ranks = new Int32Array(BLOCK_AGENTS)
  for (const slice of slices) {
    for (let rank = slice.from; rank < slice.to; rank += 1) {
      const row = rowAt(slice.steps, rank)
      owner[row] = slice
      ranks[row] = rank
    }
  }
  const runs: { steps: AdmittedSteps; from: number; to: number }[] = []
  for (const [row, slice] of owner.entries()) {
    if (slice === undefined) continue
    const rank = ranks[row] ?? 0
    const last = runs.at(-1)
    if (last?.steps === slice.steps && last.to === rank) last.to = rank + 1
    else runs.push({ steps: slice.steps, from: rank, to: rank + 1 })
  }
  return runs
}

function append(draft: Draft, { steps, from, to }: Slice): void {
  // Past its end an agent's index would read as 0.
  mustHold(to <= steps.agents.length, 'a slice lies in its batch')
  mustHold(steps.columns.length === draft.columns.length, 'a batch has a column for each modality')
  for (const [modality, column] of steps.columns.entries())
    draft.columns[modality]?.set(column.subarray(from, to), draft.row)
  softPiecesOf(steps, { from, to }, draft.soft)
  const count = to - from
  noteOrigin(draft, steps, count)
  noteRun(draft, steps, { rank: from, count })
  draft.row += count
}

function noteOrigin({ origins, row }: Draft, { batch, t }: AdmittedSteps, count: number): void {
  const last = origins.at(-1)
  if (last?.batch === batch) origins[origins.length - 1] = { ...last, count: last.count + count }
  else origins.push({ batch, from: row, count, ...(t === undefined ? {} : { t }) })
}

/** Where both ranks and rows follow on, the batch's last run grows. */
function noteRun(
  { runs, row }: Draft,
  steps: AdmittedSteps,
  { rank, count }: { rank: number; count: number },
): void {
  const noted = runs.get(steps)
  if (noted === undefined) {
    runs.set(steps, [rank, row, count])
    return
  }
  const end = noted.length - 3
  const length = noted[end + 2] ?? 0
  if ((noted[end] ?? 0) + length === rank && (noted[end + 1] ?? 0) + length === row)
    noted[end + 2] = length + count
  else noted.push(rank, row, count)
}
