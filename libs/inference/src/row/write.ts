// An agent's row: what the store keeps of it between steps. Written at creation, stepped in place in a slot.
import { CohortError, type RowSection } from '@cohort/contracts'
import { type RowShape, viewOf } from './read.js'
import { agentSeed } from '../math/random.js'
import { ownActions } from '../model/layout.js'
import { encodeAction } from '../model/policies.js'
import type { ValidModel } from '../model/valid-model.js'
import { entriesOf, HAS_ACTED, ROW, rowBytes, rowSections } from './layout.js'

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
  const sections = rowSections(model)
  const bytes = rowBytes(sections)
  const first = new DataView(new ArrayBuffer(bytes))
  for (const section of sections) {
    initialValues(model, section).forEach((value, i) => first.setFloat64(section.at + 8 * i, value, true))
  }
  const words = new Uint32Array(2)
  const rows = new DataView(out.buffer, out.byteOffset, out.byteLength)
  for (let at = 0, index = from; at + bytes <= out.length; at += bytes, index++) {
    out.set(new Uint8Array(first.buffer), at)
    agentSeed(seed, index, words)
    rows.setUint32(at + ROW.seed, words[0], true)
    rows.setUint32(at + ROW.seed + 4, words[1], true)
  }
}

function initialValues(model: ValidModel, { name, index, shape }: RowSection): Float64Array {
  const zeros = new Float64Array(entriesOf({ shape }))
  switch (name) {
    case 'beliefs':
    case 'windowPrior':
      return model.D[index]
    case 'pA':
      return model.pA[index] ?? zeros
    case 'pB':
      return byAction(model.pB[index] ?? zeros, ownActions(model, index))
    case 'pD':
      return model.pD[index] ?? zeros
    case 'pE':
      return model.pE ?? zeros
    case 'planQPi':
      return model.E
    case 'beta':
      return Float64Array.of(1 / model.options.gamma)
    case 'windowLength':
    case 'windowObservations':
    case 'windowActions':
    case 'planAge':
    case 'planPolicy':
      return zeros
    default:
      throw new CohortError(
        'internal',
        `a row section without initial values: ${String(name satisfies never)}`,
      )
  }
}

/** [next][previous…][action] → [action][next][previous…]. */
function byAction(counts: Float64Array, actions: number): Float64Array {
  const entries = counts.length / actions
  return counts.map((_, i) => counts[(i % entries) * actions + Math.floor(i / entries)])
}

/**
 * Makes an agent believe that it did `action[control]`, whatever it chose: to replay what was done elsewhere.
 */
export function writeLastAction(shape: RowShape, bytes: Uint8Array, action: readonly number[]): void {
  const row = viewOf(shape, bytes)
  row.setUint32(ROW.lastAction, encodeAction(shape.shapes.numControls, action), true)
  row.setUint32(ROW.flags, row.getUint32(ROW.flags, true) | HAS_ACTED, true)
}
