// How much scratch a thread needs for a program, and what lies where in it.
import { CHUNK, CONSTANT_BYTES, CONSTANTS_AT, LINE } from '../words.js'
import * as W from '../words.js'

/** All that the size of a program's scratch hangs on; counts of lines unless they say otherwise. */
export interface RoomShape {
  readonly joints: number
  readonly states: number
  /** Of each factor; of the joint beliefs of parents that are several, together. */
  readonly factorStates: readonly number[]
  readonly joined: number
  /** Predictions of each factor. */
  readonly predictions: readonly number[]
  /** Joint states of each group, of each modality. */
  readonly groupSizes: readonly number[]
  readonly modalitySizes: readonly number[]
  readonly product: boolean
  /** The most that a group has of different outcomes or of combinations. */
  readonly outcomes: number
  readonly backgrounds: number
  readonly policies: number
  readonly policyLen: number
  readonly controls: readonly number[]
  /** Values of all groups. */
  readonly values: number
}

/** Lines of `SCRATCH_MARKS`: notes, iterations, moving, free energy, accuracy. */
const MARKS = 5

/** Writes the words of the header that say where what is; returns the bytes of all. */
export function layRoom(shape: RoomShape, header: Uint32Array): number {
  let end = CONSTANTS_AT + CONSTANT_BYTES
  const bytes = (word: number, count: number): void => {
    header[word] = end
    end += alignedBytes(count)
  }
  const lines = (word: number, count: number): void => bytes(word, count * LINE)
  const most = (counts: readonly number[]): number => Math.max(1, ...counts)
  const all = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
  bytes(W.SCRATCH_ORDER, 4 * CHUNK)
  bytes(W.SCRATCH_BUCKETS, 4 * (shape.joints + 2))
  lines(W.SCRATCH_LANES, 2)
  lines(W.SCRATCH_PRIOR, shape.states + shape.joined)
  lines(W.SCRATCH_TEMP, most([...shape.factorStates, ...shape.predictions]))
  lines(W.SCRATCH_LIKELIHOOD, shape.product ? shape.states : all(shape.groupSizes))
  lines(W.SCRATCH_SOFT, most(shape.modalitySizes))
  lines(W.SCRATCH_LOG_PRIOR, shape.states)
  lines(W.SCRATCH_MESSAGES, shape.states)
  lines(W.SCRATCH_JOINT, most(shape.groupSizes))
  lines(W.SCRATCH_SEEN, 1)
  lines(W.SCRATCH_OUTCOMES, shape.outcomes)
  lines(W.SCRATCH_BACKGROUND, most([shape.backgrounds]))
  lines(W.SCRATCH_G, shape.policies)
  lines(W.SCRATCH_Q_PI, shape.policies)
  lines(W.SCRATCH_SHARPENED, most([shape.policies, ...shape.controls]))
  lines(W.SCRATCH_MARGINALS, all(shape.controls))
  lines(W.SCRATCH_MARKS, MARKS)
  const rows = all(shape.predictions)
  header[W.LEVEL_VALUES] = (shape.states + rows) * LINE
  header[W.LEVEL_SUM] = (shape.states + rows + shape.values) * LINE
  header[W.LEVEL_BYTES] = (shape.states + rows + shape.values + 1) * LINE
  bytes(W.SCRATCH_LEVELS, header[W.LEVEL_BYTES] * shape.policyLen)
  header[W.SCRATCH_BYTES] = end
  return end
}

const alignedBytes = (bytes: number): number => Math.ceil(bytes / LINE) * LINE
