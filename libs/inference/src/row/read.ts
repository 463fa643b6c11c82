// An agent's row as a person reads it: beliefs, and what it has learned, looks back on and plans.
import {
  type Agent,
  CohortError,
  type ModelInfo,
  NOT_SEEN,
  type RowSection,
  type RowSectionName,
  type Tensor,
} from '@cohort/contracts'
import { decodeAction } from '../model/policies.js'
import { entriesOf, HAS_ACTED, ROW } from './layout.js'

const TWO_32 = 2 ** 32

/** What of a model says how to read its rows. */
export type RowShape = Pick<ModelInfo, 'shapes' | 'row' | 'rowBytes'>

/** Of `learned`, `gamma`, `window` and `planAge` there is what agents of the model have. */
export interface AgentState extends Pick<Agent, 'learned' | 'gamma' | 'window' | 'planAge'> {
  readonly step: number
  readonly seed: bigint
  /** `lastAction[control]`; null before the first step. */
  readonly lastAction: number[] | null
  /** `beliefs[factor][state]`. */
  readonly beliefs: number[][]
}

/** Throws `internal` where the bytes are not as long as a row of the model. */
export function readRow(shape: RowShape, bytes: Uint8Array): AgentState {
  const row = viewOf(shape, bytes)
  const acted = (row.getUint32(ROW.flags, true) & HAS_ACTED) !== 0
  const read: Read = { shape, row }
  const [beta] = numbersOf(read, 'beta')
  const [planAge] = numbersOf(read, 'planAge')
  return {
    step: row.getUint32(ROW.step, true) + row.getUint32(ROW.step + 4, true) * TWO_32,
    seed: row.getBigUint64(ROW.seed, true),
    lastAction: acted ? decodeAction(shape.shapes.numControls, row.getUint32(ROW.lastAction, true)) : null,
    beliefs: beliefsIn(read),
    ...learnedOf(read),
    ...(beta === undefined ? {} : { gamma: 1 / beta }),
    ...windowOf(read),
    ...(planAge === undefined ? {} : { planAge }),
  }
}

/** `beliefs[factor][state]` alone. */
export const readBeliefs = (shape: RowShape, bytes: Uint8Array): number[][] =>
  beliefsIn({ shape, row: viewOf(shape, bytes) })

export function viewOf({ rowBytes: expected }: RowShape, bytes: Uint8Array): DataView {
  if (bytes.length !== expected) {
    throw new CohortError('internal', `a row of this model has ${expected} bytes, got ${bytes.length}`)
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A row that is being read. */
interface Read {
  readonly shape: RowShape
  readonly row: DataView
}

const sectionsOf = ({ shape }: Read, name: RowSectionName): RowSection[] =>
  shape.row.filter((section) => section.name === name)

const numbersIn = ({ row }: Read, section: RowSection): number[] =>
  Array.from({ length: entriesOf(section) }, (_, i) => row.getFloat64(section.at + 8 * i, true))

/** Of a section that a row has once; none where it has it not. */
const numbersOf = (read: Read, name: RowSectionName): number[] =>
  sectionsOf(read, name).flatMap((section) => numbersIn(read, section))

const beliefsIn = (read: Read): number[][] =>
  sectionsOf(read, 'beliefs').map((section) => numbersIn(read, section))

function learnedOf(read: Read): Pick<AgentState, 'learned'> {
  const { numObs, numStates } = read.shape.shapes
  const [pE] = sectionsOf(read, 'pE').map((section) => numbersIn(read, section))
  const learned = {
    ...countsOf(read, 'pA', numObs.length),
    ...countsOf(read, 'pB', numStates.length),
    ...countsOf(read, 'pD', numStates.length),
    ...(pE === undefined ? {} : { pE }),
  }
  return Object.keys(learned).length === 0 ? {} : { learned }
}

function countsOf(read: Read, name: 'pA' | 'pB' | 'pD', count: number): NonNullable<AgentState['learned']> {
  const sections = sectionsOf(read, name)
  if (sections.length === 0) return {}
  const lists: (Tensor | null)[] = Array.from({ length: count }, () => null)
  for (const section of sections)
    lists[section.index] = nested(...asInModel(numbersIn(read, section), section))
  return { [name]: lists }
}

/** The numbers with their axes; of pB, [own action][next][previous…] → [next][previous…][action…]. */
function asInModel(
  numbers: readonly number[],
  { shape, actions }: RowSection,
): [numbers: readonly number[], axes: readonly number[]] {
  if (actions === undefined) return [numbers, shape]
  const [own, ...states] = shape
  const entries = numbers.length / own
  const moved = numbers.map((_, i) => numbers[(i % own) * entries + Math.floor(i / own)])
  return [moved, [...states, ...actions]]
}

/** Row-major entries as nested arrays. */
function nested(flat: readonly number[], lengths: readonly number[]): Tensor {
  const [length, ...inner] = lengths
  if (inner.length === 0) return flat
  const size = flat.length / length
  return Array.from({ length }, (_, i) => nested(flat.slice(i * size, (i + 1) * size), inner))
}

function windowOf(read: Read): Pick<AgentState, 'window'> {
  const { numControls, numObs } = read.shape.shapes
  const [length] = numbersOf(read, 'windowLength')
  if (length === undefined) return {}
  const seen = numbersOf(read, 'windowObservations')
  const actions = numbersOf(read, 'windowActions').slice(0, Math.max(0, length - 1))
  return {
    window: {
      observations: Array.from({ length }, (_, t) =>
        seen
          .slice(t * numObs.length, (t + 1) * numObs.length)
          .map((outcome) => (outcome === NOT_SEEN ? null : outcome)),
      ),
      actions: actions.map((joint) => decodeAction(numControls, joint)),
      prior: sectionsOf(read, 'windowPrior').map((section) => numbersIn(read, section)),
    },
  }
}
