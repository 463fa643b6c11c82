// A slot: the rows of one part of a job in the arena, with what they see and what comes out of their step.
import type { ModelInfo } from '@cohort/contracts'
import { alignTo64, type ModelShape } from './model/layout.js'
import { countPolicies } from './model/policies.js'
import { rowBytes } from './row.js'

/** What became of a row's step; anything but `ROW_OK` left the row as it was. */
export const ROW_OK = 0
/** The row is not at its expected step. */
export const ROW_WRONG_STEP = 1
/** The stored belief is not a distribution, or the last action not one of the model's. */
export const ROW_POISONED = 2
/** An observation is neither −1 nor an outcome of its modality. */
export const ROW_BAD_OBSERVATION = 3

/** All that the size of a slot hangs on. */
export interface SlotShape {
  readonly rowBytes: number
  readonly modalities: number
  readonly factors: number
  readonly policies: number
}

/** Byte offsets from the slot's beginning, which lies on a cache line. */
export interface SlotLayout {
  /** i32 [row]: `ROW_OK` and its siblings. */
  readonly errors: number
  /** i32 [factor][row]; 0 for a row that failed. */
  readonly actions: number
  /** f64 [row]: the step at which a row must be, −1 for any. */
  readonly expectedStep: number
  /** i32 [modality][row]: the outcome seen, −1 for none. */
  readonly obs: number
  /** The rows one after the other; see row.ts. */
  readonly rows: number
  /** f64 [row][policy]: posterior over policies, where wanted. */
  readonly qPi: number
  /** f64 [row][policy]: negative expected free energy, where wanted. */
  readonly G: number
  /** f64 [row]: variational free energy, where wanted. */
  readonly vfe: number
  readonly bytes: number
}

export const slotShape = ({ shapes, rowBytes, policies }: Omit<ModelInfo, 'modelId'>): SlotShape => ({
  rowBytes,
  modalities: shapes.numObs.length,
  factors: shapes.numStates.length,
  policies,
})

export const slotShapeOf = (model: ModelShape): SlotShape => ({
  rowBytes: rowBytes(model),
  modalities: model.numObs.length,
  factors: model.numStates.length,
  policies: countPolicies(model),
})

export function slotLayout(shape: SlotShape, rows: number): SlotLayout {
  let bytes = 0
  const section = (bytesPerRow: number): number => {
    const at = bytes
    bytes = alignTo64(bytes + rows * bytesPerRow)
    return at
  }
  return {
    errors: section(4),
    actions: section(4 * shape.factors),
    expectedStep: section(8),
    obs: section(4 * shape.modalities),
    rows: section(shape.rowBytes),
    qPi: section(8 * shape.policies),
    G: section(8 * shape.policies),
    vfe: section(8),
    bytes,
  }
}

/** Bytes of one row with all that belongs to it; a slot adds less than a cache line a section. */
export const agentBytes = ({ rowBytes, modalities, factors, policies }: SlotShape): number =>
  rowBytes + 4 + 4 * factors + 8 + 4 * modalities + 16 * policies + 8
