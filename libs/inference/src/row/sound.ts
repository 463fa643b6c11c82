// Whether what a row holds can be the state of an agent: what a step would otherwise turn into nonsense.
import { CohortError, NOT_SEEN, type RowSectionName, SUM_TOLERANCE } from '@cohort/contracts'
import { type CompiledModel, perAction } from '../model/compiled.js'
import { sectionOf, rowSections } from './layout.js'

/** A section of the state at hand, and what must hold for it. */
export interface SoundSection {
  readonly values: Float64Array
  readonly holds: (values: Float64Array) => boolean
}

/** Every section of a row's state with its condition; made once per thread and model. */
export function soundSections(model: CompiledModel, state: Float64Array): SoundSection[] {
  return rowSections(model).flatMap(({ name, index, shape }) => {
    const values = sectionOf(model, state, name, index)
    if (name !== 'pB') return [{ values, holds: conditionOf(model, name, shape) }]
    const [actions, next] = shape
    return perAction(values, actions).map((own) => ({ values: own, holds: haveCounts(next) }))
  })
}

export function isSound({ sound }: { readonly sound: readonly SoundSection[] }): boolean {
  for (let i = 0; i < sound.length; i++) if (!sound[i].holds(sound[i].values)) return false
  return true
}

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
  name: Exclude<RowSectionName, 'pB'>,
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
      return haveCounts(shape[0])
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
      return (beta) => beta[0] > 0 && beta[0] < Infinity
    default:
      throw new CohortError('internal', `a row section without a condition: ${String(name satisfies never)}`)
  }
}

const wholeNumbers =
  (least: number, most: number): SoundSection['holds'] =>
  (values) => {
    for (let i = 0; i < values.length; i++) if (!isWhole(values[i], least, most)) return false
    return true
  }

/** [time][modality] */
const outcomesOf =
  (numObs: readonly number[]): SoundSection['holds'] =>
  (values) => {
    for (let i = 0; i < values.length; i++)
      if (!isWhole(values[i], NOT_SEEN, numObs[i % numObs.length] - 1)) return false
    return true
  }

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most

/** None negative, and some in each column over the first axis, of `rows` entries. */
const haveCounts =
  (rows: number): SoundSection['holds'] =>
  (counts) => {
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
