// What an agent's row holds and where: fixed by its model, known before anything is allocated.
import { CohortError, type RowSection, type RowSectionName } from '@cohort/contracts'
import { type ModelShape, ownActions } from '../model/layout.js'

/** Byte offsets in a row, little-endian. The row ends at a multiple of 32. */
export const ROW = {
  /** u64: steps applied so far. */
  step: 0,
  /** u64: the key of the agent's random numbers. */
  seed: 8,
  /** u32: its last joint action, mixed radix over controls, last control fastest. */
  lastAction: 16,
  /** u32: see `HAS_ACTED`. */
  flags: 20,
  /** f64: the sections of `rowSections`, the beliefs first. */
  state: 24,
} as const

/**
 * Bit 0 of the flags: without it the beliefs are a prior, with it they are to be predicted under the last
 * action.
 */
export const HAS_ACTED = 1

const ROW_ALIGNMENT = 32

/** The sections of a row, one after the other without a gap. */
export function rowSections(shape: ModelShape): RowSection[] {
  let at: number = ROW.state
  return [...stated(shape)].map(([name, index, lengths]) => {
    const section = { name, index, at, shape: lengths, ...(name === 'pB' ? actionAxes(shape, index) : {}) }
    at += 8 * entriesOf(section)
    return section
  })
}

const actionAxes = ({ bControls, numControls }: ModelShape, factor: number): Pick<RowSection, 'actions'> => ({
  actions: bControls[factor].map((control) => numControls[control]),
})

/** f64 numbers in a section. */
export const entriesOf = ({ shape }: Pick<RowSection, 'shape'>): number =>
  shape.reduce((product, length) => product * length, 1)

export function rowBytes(sections: readonly RowSection[]): number {
  const entries = sections.reduce((sum, section) => sum + entriesOf(section), 0)
  return Math.ceil((ROW.state + 8 * entries) / ROW_ALIGNMENT) * ROW_ALIGNMENT
}

type Stated = readonly [name: RowSectionName, index: number, lengths: number[]]

function* stated(shape: ModelShape): Generator<Stated> {
  const { numStates, options, policies } = shape
  const { learning } = options
  for (const [f, states] of numStates.entries()) yield ['beliefs', f, [states]]
  for (const m of learning.A?.only ?? []) {
    const states = shape.aDependencies[m].map((factor) => numStates[factor])
    yield ['pA', m, [shape.numObs[m], ...states]]
  }
  for (const f of learning.B?.only ?? []) {
    const states = shape.bDependencies[f].map((factor) => numStates[factor])
    yield ['pB', f, [ownActions(shape, f), numStates[f], ...states]]
  }
  for (const f of learning.D?.only ?? []) yield ['pD', f, [numStates[f]]]
  if (learning.E !== undefined) yield ['pE', 0, [policies]]
  if (options.inference === 'messagePassing') yield* windowOf(shape)
  if (options.updateGamma) yield ['beta', 0, [1]]
  if (options.planEvery === 1) return
  yield ['planAge', 0, [1]]
  if (options.samplingMode === 'full') yield ['planPolicy', 0, [1]]
  yield ['planQPi', 0, [policies]]
}

/** What message passing looks back on: its observations, the actions between them, what came before them. */
function* windowOf({ numStates, numObs, options }: ModelShape): Generator<Stated> {
  yield ['windowLength', 0, [1]]
  yield ['windowObservations', 0, [options.window, numObs.length]]
  yield ['windowActions', 0, [options.window]]
  for (const [f, states] of numStates.entries()) yield ['windowPrior', f, [states]]
}

/** The numbers of one section in a row's state, which begins at `ROW.state`. Throws `internal` where it has none. */
export function sectionOf(
  shape: ModelShape,
  state: Float64Array,
  name: RowSectionName,
  index = 0,
): Float64Array {
  const section = rowSections(shape).find((one) => one.name === name && one.index === index)
  if (section === undefined) throw new CohortError('internal', `a row of this model has no ${name}[${index}]`)
  const from = (section.at - ROW.state) / 8
  return state.subarray(from, from + entriesOf(section))
}
