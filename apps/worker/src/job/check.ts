// What a job must agree with before anything is computed: its model and its blocks. Used by leg load.
import { CohortError, type Fault, type JobPart, type ModelInfo } from '@cohort/contracts'
import { NUMERICS_REFERENCE } from '@cohort/inference'
import type { FoundPart, LoadedPart } from '@cohort/store'
import type { TakenJob } from './take.js'

/**
 * A column for each modality and no outcome beyond it, else `invalid_job`. The producer has refused such requests one
 * by one; here it can only be a job that someone put on the queue by hand, and it is refused as a whole.
 */
export function checkAgainstModel({ observations }: TakenJob, { shapes }: ModelInfo): void {
  const { numObs } = shapes
  if (observations.length !== numObs.length) {
    refuse([
      {
        path: 'obs',
        message: 'has not a column a modality',
        got: observations.length,
        expected: `${numObs.length}`,
      },
    ])
  }
  const faults = observations.flatMap((column, modality): Fault[] => {
    const outcomes = numObs[modality] ?? 0
    const row = column.findIndex((outcome) => outcome >= outcomes)
    if (row < 0) return []
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
  if (stored.state !== 'found' || stored.numerics === NUMERICS_REFERENCE) return stored
  const detail = `it was made by a kernel of numerics ${stored.numerics}, and this worker’s are ${NUMERICS_REFERENCE}`
  return { state: 'corrupt', detail }
}

function refuse(faults: readonly Fault[]): never {
  const [first] = faults
  throw new CohortError('invalid_job', `${first?.path} ${first?.message}`, { errors: faults })
}
