// What a job must agree with before anything is computed: its model and its blocks. Used by leg load.
import { CohortError, type Fault, type JobPart, type ModelInfo, SEEN_SOFTLY } from '@cohort/contracts'
import { NUMERICS } from '@cohort/inference'
import type { FoundPart, LoadedPart } from '@cohort/store'
import type { TakenJob } from './take.js'

/**
 * A column for each modality, no outcome beyond it, and distributions over as many as it has, where the model takes
 * any; else `invalid_job`. The producer has refused such requests one by one; here it can only be a job that someone
 * put on the queue by hand, and it is refused as a whole.
 */
export function checkAgainstModel({ observations: { columns, soft } }: TakenJob, info: ModelInfo): void {
  const { numObs } = info.shapes
  if (columns.length !== numObs.length) {
    refuse([
      {
        path: 'obs',
        message: 'has not a column a modality',
        got: columns.length,
        expected: `${numObs.length}`,
      },
    ])
  }
  const faults = columns.flatMap((column, modality): Fault[] => {
    const outcomes = numObs[modality] ?? 0
    const row = column.findIndex((outcome) => outcome >= outcomes)
    if (row < 0) return softFaults({ column, distributions: soft[modality] ?? null, modality }, info)
    return [
      {
        path: `obs[${modality}]`,
        message: `is out of range in row ${row}`,
        got: column[row],
        expected: `−1 to ${outcomes - 1}`,
      },
    ]
  })
  if (faults.length > 0) refuse(faults)
}

interface SeenColumn {
  readonly column: Int32Array
  readonly distributions: Float64Array | null
  readonly modality: number
}

function softFaults(
  { column, distributions, modality }: SeenColumn,
  { shapes, softObservations }: ModelInfo,
): Fault[] {
  if (distributions === null) return []
  const path = `obs[${modality}].soft`
  if (!softObservations) {
    const message = 'is of no use to a model with inference messagePassing'
    return [{ path, message, expected: 'outcomes, or −1' }]
  }
  const rows = column.reduce((sum, outcome) => sum + (outcome === SEEN_SOFTLY ? 1 : 0), 0)
  const [got, outcomes] = [distributions.length / rows, shapes.numObs[modality] ?? 0]
  if (got === outcomes) return []
  return [{ path, message: 'holds distributions of another length', got, expected: `${outcomes}` }]
}

/**
 * A sound record that contradicts the job (another model's rows, a whole block of another size) makes the job
 * invalid: within one creation of a population neither ever changes. A damaged record harms its own rows only.
 */
export function checkAgainstBlock(
  part: JobPart,
  at: number,
  { info, stored }: { info: ModelInfo; stored: FoundPart },
): void {
  const path = `parts[${at}]`
  if (!info.modelId.startsWith(stored.modelPrefix)) {
    refuse([
      { path, message: 'is a block of another model', got: info.modelId, expected: `${stored.modelPrefix}…` },
    ])
  }
  if (stored.rowBytes !== info.rowBytes) {
    refuse([
      { path, message: 'has rows of another length', got: stored.rowBytes, expected: `${info.rowBytes}` },
    ])
  }
  if (part.index === undefined && part.rows !== stored.count) {
    refuse([
      {
        path: `${path}.rows`,
        message: 'is not the whole block',
        got: part.rows,
        expected: `${stored.count}`,
      },
    ])
  }
}

/**
 * Rows that another kernel made would step on from numbers that are not bit for bit those of this one. The job is not
 * wrong by that, and others have parts in it: the block is as good as damaged, and fails its own rows only.
 */
export function ofThisKernel(stored: LoadedPart): LoadedPart {
  if (stored.state !== 'found' || stored.numerics === NUMERICS) return stored
  const detail = `it was made by a kernel of numerics ${stored.numerics}, and this worker’s are ${NUMERICS}`
  return { state: 'corrupt', detail }
}

function refuse(faults: readonly Fault[]): never {
  const [first] = faults
  throw new CohortError('invalid_job', `${first?.path} ${first?.message}`, { errors: faults })
}
