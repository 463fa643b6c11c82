// A slot: the rows of one part of a job in the arena, with what they see and what comes out of their step.
import { type ModelInfo, type Term, TERMS } from '@cohort/contracts'
import { alignTo64, type ModelShape } from './model/layout.js'
import { rowBytes, rowSections } from './row/layout.js'

/** What became of a row's step; anything but `ROW_OK` left the row as it was. */
export const ROW_OK = 0
/** The row is not at its expected step. */
export const ROW_WRONG_STEP = 1
/** What the row holds is no state of the model's agents: beliefs, last action, counts, window, β or plan. */
export const ROW_POISONED = 2
/** An observation is none, no outcome of its modality, and no distribution over them. */
export const ROW_BAD_OBSERVATION = 3
/** The search for a plan would have visited more nodes than the model allows. */
export const ROW_OVER_BUDGET = 4

/** Notes on a step that was done: bits. The model held what the agent saw for impossible. */
export const NOTE_IMPOSSIBLE = 1
/** The agent followed the plan of an earlier step. */
export const NOTE_PLAN_KEPT = 2

/** Observations without an outcome; a distribution over outcomes is in the section `soft`. */
export { NOT_SEEN, SEEN_SOFTLY } from '@cohort/contracts'

/** The parts of G are in the order of `TERMS` in the section `terms`. */
export { TERMS, type Term } from '@cohort/contracts'

/** [policy]: one term of a row's `terms`. */
export function termOf(terms: Float64Array, term: Term): Float64Array {
  const policies = terms.length / TERMS.length
  const at = TERMS.indexOf(term)
  return terms.subarray(at * policies, (at + 1) * policies)
}

/** All that the size of a slot hangs on. */
export interface SlotShape extends SlotExtras {
  readonly rowBytes: number
  readonly modalities: number
  /** Of all modalities together. */
  readonly outcomes: number
  readonly controls: number
  readonly policies: number
}

/** Sections that only some jobs need. */
export interface SlotExtras {
  /** Some observations are distributions. */
  readonly soft: boolean
  /** The parts of G are wanted. */
  readonly terms: boolean
}

/** Byte offsets from the slot's beginning, which lies on a cache line. */
export interface SlotLayout {
  /** i32 [row]: `ROW_OK` and its siblings. */
  readonly errors: number
  /** i32 [row]: `NOTE_IMPOSSIBLE` and its siblings. */
  readonly notes: number
  /** i32 [control][row]; 0 for a row that failed. */
  readonly actions: number
  /** f64 [row]: the step at which a row must be, −1 for any. */
  readonly expectedStep: number
  /** i32 [modality][row]: the outcome seen, `NOT_SEEN` or `SEEN_SOFTLY`. */
  readonly obs: number
  /** f64 [row][outcome of all modalities]: what was seen softly; empty without `soft`. */
  readonly soft: number
  /** The rows one after the other; see row/layout.ts. */
  readonly rows: number
  /** f64 [row][policy]: posterior over policies, where wanted. */
  readonly qPi: number
  /** f64 [row][policy]: negative expected free energy, where wanted. */
  readonly G: number
  /** f64 [row][term][policy]: the parts of G; empty without `terms`. */
  readonly terms: number
  /** f64 [row]: variational free energy, where wanted. */
  readonly vfe: number
  /** f64 [row]: sweeps of the inference. */
  readonly iterations: number
  /** f64 [control][row]: by how much the chosen action is ahead of the next. */
  readonly margin: number
  readonly bytes: number
}

const NO_EXTRAS: SlotExtras = { soft: false, terms: false }

export const slotShape = (
  { shapes, rowBytes, policies }: Pick<ModelInfo, 'shapes' | 'rowBytes' | 'policies'>,
  extras: SlotExtras = NO_EXTRAS,
): SlotShape => ({
  rowBytes,
  modalities: shapes.numObs.length,
  outcomes: total(shapes.numObs),
  controls: shapes.numControls.length,
  policies,
  ...extras,
})

export const slotShapeOf = (model: ModelShape, extras: SlotExtras = NO_EXTRAS): SlotShape => ({
  rowBytes: rowBytes(rowSections(model)),
  modalities: model.numObs.length,
  outcomes: total(model.numObs),
  controls: model.numControls.length,
  policies: model.policies,
  ...extras,
})

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

export function slotLayout(shape: SlotShape, rows: number): SlotLayout {
  let bytes = 0
  const section = (bytesPerRow: number): number => {
    const at = bytes
    bytes = alignTo64(bytes + rows * bytesPerRow)
    return at
  }
  return {
    errors: section(4),
    notes: section(4),
    actions: section(4 * shape.controls),
    expectedStep: section(8),
    obs: section(4 * shape.modalities),
    soft: section(shape.soft ? 8 * shape.outcomes : 0),
    rows: section(shape.rowBytes),
    qPi: section(8 * shape.policies),
    G: section(8 * shape.policies),
    terms: section(shape.terms ? termBytes(shape) : 0),
    vfe: section(8),
    iterations: section(8),
    margin: section(8 * shape.controls),
    bytes,
  }
}

/** Bytes of the parts of G of one row. */
export const termBytes = ({ policies }: Pick<SlotShape, 'policies'>): number => 8 * TERMS.length * policies

/**
 * Bytes of one row with all that belongs to it but the parts of G, what was seen softly included; a slot adds
 * less than a cache line a section.
 */
export const agentBytes = ({ rowBytes, modalities, outcomes, controls, policies }: SlotShape): number =>
  rowBytes + 4 * (2 + controls + modalities) + 8 * (3 + controls + outcomes + 2 * policies)
