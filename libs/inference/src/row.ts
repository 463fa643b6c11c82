// An agent's row: what the store keeps of it between steps. Written at creation, stepped in place in a slot.
import { CohortError, type ModelShapes } from '@cohort/contracts'
import { agentSeed } from './math/random.js'
import type { ModelShape } from './model/layout.js'
import { decodeAction, encodeAction } from './model/policies.js'
import type { ValidModel } from './model/valid-model.js'

/** Byte offsets in a row, little-endian. The row ends at a multiple of 32. */
export const ROW = {
  /** u64: steps applied so far. */
  step: 0,
  /** u64: the key of the agent's random numbers. */
  seed: 8,
  /** u32: its last joint action, mixed radix over factors, last factor fastest. */
  lastAction: 16,
  /** u32: see `HAS_ACTED`. */
  flags: 20,
  /** f64 [factor][state]: beliefs after the last step; D before the first. */
  beliefs: 24,
} as const

/**
 * Bit 0 of the flags: without it the beliefs are a prior, with it they are to be predicted under the last
 * action.
 */
export const HAS_ACTED = 1

const ROW_ALIGNMENT = 32
const TWO_32 = 2 ** 32

export function rowBytes({ numStates }: Pick<ModelShape, 'numStates'>): number {
  const beliefs = 8 * numStates.reduce((sum, states) => sum + states, 0)
  return Math.ceil((ROW.beliefs + beliefs) / ROW_ALIGNMENT) * ROW_ALIGNMENT
}

export interface InitialRows {
  readonly model: ValidModel
  /** The population's seed, up to 2^53 − 1. */
  readonly seed: number
  /** Index of the first agent. */
  readonly from: number
  /** As many rows as fit. */
  readonly out: Uint8Array
}

/** Writes the rows of agents `from`, `from + 1`, … as they are before their first step. */
export function writeInitialRows({ model, seed, from, out }: InitialRows): void {
  const bytes = rowBytes(model)
  const first = new DataView(new ArrayBuffer(bytes))
  model.D.flatMap((belief) => [...belief]).forEach((q, i) => first.setFloat64(ROW.beliefs + 8 * i, q, true))
  const words = new Uint32Array(2)
  const rows = new DataView(out.buffer, out.byteOffset, out.byteLength)
  for (let at = 0, index = from; at + bytes <= out.length; at += bytes, index++) {
    out.set(new Uint8Array(first.buffer), at)
    agentSeed(seed, index, words)
    rows.setUint32(at + ROW.seed, words[0], true)
    rows.setUint32(at + ROW.seed + 4, words[1], true)
  }
}

/** A row as a person reads it. */
export interface AgentState {
  readonly step: number
  readonly seed: bigint
  /** `lastAction[factor]`; null before the first step. */
  readonly lastAction: number[] | null
  /** `beliefs[factor][state]`. */
  readonly beliefs: number[][]
}

export function readRow({ shapes }: { readonly shapes: ModelShapes }, bytes: Uint8Array): AgentState {
  const row = viewOf(shapes, bytes)
  const acted = (row.getUint32(ROW.flags, true) & HAS_ACTED) !== 0
  let at = ROW.beliefs - 8
  return {
    step: row.getUint32(ROW.step, true) + row.getUint32(ROW.step + 4, true) * TWO_32,
    seed: row.getBigUint64(ROW.seed, true),
    lastAction: acted ? decodeAction(shapes.numControls, row.getUint32(ROW.lastAction, true)) : null,
    beliefs: shapes.numStates.map((states) =>
      Array.from({ length: states }, () => row.getFloat64((at += 8), true)),
    ),
  }
}

/**
 * Makes an agent believe that it did `action[factor]`, whatever it chose: to replay what was done elsewhere.
 */
export function writeLastAction(
  { shapes }: { readonly shapes: ModelShapes },
  bytes: Uint8Array,
  action: readonly number[],
): void {
  const row = viewOf(shapes, bytes)
  row.setUint32(ROW.lastAction, encodeAction(shapes.numControls, action), true)
  row.setUint32(ROW.flags, row.getUint32(ROW.flags, true) | HAS_ACTED, true)
}

function viewOf(shapes: ModelShapes, bytes: Uint8Array): DataView {
  const expected = rowBytes(shapes)
  if (bytes.length !== expected) {
    throw new CohortError('internal', `a row of this model has ${expected} bytes, got ${bytes.length}`)
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
