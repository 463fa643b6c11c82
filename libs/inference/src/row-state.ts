// Whether what a row holds can be the state of an agent: what a step would otherwise turn into nonsense.
import { CohortError, type RowSectionName, SUM_TOLERANCE } from '@cohort/contracts'
import type { CompiledModel } from './model/compiled.js'
import { sectionOf, rowSections } from './row-layout.js'

/** A section of the state at hand, and what must hold for it. */
export interface SoundSection {
  readonly values: Float64Array
  readonly holds: (values: Float64Array) => boolean
}

/** Every section of a row's state with its condition; made once per thread and model. */
export function soundSections(model: CompiledModel, state: Float64Array): SoundSection[] {
  return rowSections(model).map(({ name, index, shape }) => ({
    values: sectionOf(model, state, name, index),
    holds: conditionOf(model, name, shape),
  }))
}

export const isSound = ({ sound }: { readonly sound: readonly SoundSection[] }): boolean =>
  sound.every(({ values, holds }) => holds(values))

/** False for NaN and Infinity too. */
export function isDistribution(belief: Float64Array): boolean {
  let sum = 0
  for (let s = 0; s < belief.length; s++) {
    if (belief[s] < 0) return false
    sum += belief[s]
  }
  return Math.abs(sum - 1) <= SUM_TOLERANCE
}

function conditionOf(
  model: CompiledModel,
  name: RowSectionName,
  shape: readonly number[],
): SoundSection['holds'] {
  const { window, planEvery } = model.options
  const joints = model.jointActions.length / model.numControls.length
  switch (name) {
    case 'beliefs':
    case 'windowPrior':
    case 'planQPi':
      return isDistribution
    case 'pA':
    case 'pD':
    case 'pE':
      return (counts) => haveCounts(counts, shape[0])
    case 'pB':
      return (counts) => haveCountsEach(counts, shape)
    case 'windowLength':
      return wholeNumbers(0, window)
    case 'windowObservations':
      return outcomesOf(model.numObs)
    case 'windowActions':
      return wholeNumbers(0, joints - 1)
    case 'planAge':
      return wholeNumbers(0, planEvery - 1)
    case 'planPolicy':
      return wholeNumbers(0, model.policies - 1)
    case 'beta':
      return ([beta]) => beta > 0 && Number.isFinite(beta)
    default:
      throw new CohortError('internal', `a row section without a condition: ${String(name satisfies never)}`)
  }
}

const wholeNumbers =
  (least: number, most: number): SoundSection['holds'] =>
  (values) =>
    values.every((value) => Number.isInteger(value) && value >= least && value <= most)

/** [time][modality] */
const outcomesOf =
  (numObs: readonly number[]): SoundSection['holds'] =>
  (values) =>
    values.every((value, i) => Number.isInteger(value) && value >= -1 && value < numObs[i % numObs.length])

/** Of several own actions: [action][next][previous…]. */
function haveCountsEach(counts: Float64Array, [actions, next]: readonly number[]): boolean {
  const size = counts.length / actions
  for (let a = 0; a < actions; a++)
    if (!haveCounts(counts.subarray(a * size, (a + 1) * size), next)) return false
  return true
}

/** None negative, and some in each column over the first axis, of `rows` entries. */
function haveCounts(counts: Float64Array, rows: number): boolean {
  const columns = counts.length / rows
  for (let column = 0; column < columns; column++) {
    let sum = 0
    for (let i = column; i < counts.length; i += columns) {
      if (!(counts[i] >= 0)) return false
      sum += counts[i]
    }
    if (!(sum > 0 && sum < Infinity)) return false
  }
  return true
}
