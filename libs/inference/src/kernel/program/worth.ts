// How the worth of one group of modalities is reckoned: linear in the belief where that is less work.
import type { CompiledGroup, CompiledModel } from '../../model/compiled.js'
import { WORTH_OF_BELIEF, WORTH_OF_JOINT, WORTH_OF_PREDICTIONS } from '../words.js'
import {
  costOf,
  distinct,
  entriesOf,
  keyOfRow,
  type LinearMap,
  mapOf,
  type MapRow,
  plainRow,
  rowsOf,
  sharing,
} from './linear-map.js'

/** pymdp's threshold of a state that counts for the information gain. */
const GAIN_EPS = Math.exp(-16)
/** Beliefs may sum to a little less than one. */
const SLACK = 1 + 1e-4
/** Entries of a map, and multiplications to make it, past which a group goes without one of its own. */
const MOST_ENTRIES = 2 ** 18
const MOST_WORK = 2 ** 26

/** The predictions of a factor: different rows of B under any of its actions. */
export interface Predictions {
  readonly rows: readonly Float64Array[]
  /** [own action][state]: which row. */
  readonly of: readonly number[]
}

/** Of a group of one factor. */
export interface LinearWorth {
  readonly kind: typeof WORTH_OF_BELIEF | typeof WORTH_OF_PREDICTIONS
  /** [t]: from the parents' joint belief to the value of each of the factor's own actions. */
  readonly utility: readonly LinearMap[]
  /** From the predictions; null where `utility` has it. */
  readonly ambiguity: LinearMap | null
  readonly outcomes: LinearMap
  /** [own action][outcome]: which row of `outcomes`. */
  readonly outcomeOf: readonly number[]
}

export interface JointWorth {
  readonly kind: typeof WORTH_OF_JOINT
  readonly outcomes: LinearMap
}

/** `predictions`: of the group's factor, where it has one. */
export function worthOf(
  model: CompiledModel,
  group: CompiledGroup,
  predictions: Predictions | null,
): LinearWorth | JointWorth {
  const linear = predictions === null ? null : linearWorth(model, group, predictions)
  return linear ?? { kind: WORTH_OF_JOINT, outcomes: mapOf(outcomeRows(model, group)) }
}

function linearWorth(
  model: CompiledModel,
  group: CompiledGroup,
  predictions: Predictions,
): LinearWorth | null {
  const rows = outcomeRows(model, group)
  const [factor] = group.factors
  const next = model.B[factor]
  if (next.length * model.parents[factor].size > MOST_ENTRIES) return null
  const ofPredictions = worthOfPredictions(model, group, { rows, predictions })
  const ofBelief = isOverThreshold(next) ? worthOfBelief(model, group, rows) : null
  if (ofBelief === null || ofPredictions === null) return ofBelief ?? ofPredictions
  const viaPredictions = workOf(ofPredictions.outcomes) + costOf(mapOf(predictions.rows))
  return workOf(ofBelief.outcomes) <= viaPredictions ? ofBelief : ofPredictions
}

/** A logarithm takes as long as so many multiplications. */
const LOGARITHM = 20

const workOf = (outcomes: LinearMap): number => costOf(outcomes) + LOGARITHM * outcomes.rows.length

/** Rows of A of all modalities of a group, one after the other. */
const outcomeRows = ({ A }: CompiledModel, { modalities, size }: CompiledGroup): Float64Array[] =>
  modalities.flatMap((m) => rowsOf(A[m], size))

/** No prediction is ever so small that it would be left out of the information gain. */
const isOverThreshold = (next: readonly Float64Array[]): boolean =>
  next.every((B) => B.every((p) => p > GAIN_EPS * SLACK))

/** One map from belief to outcomes: A times B. */
function worthOfBelief(
  model: CompiledModel,
  group: CompiledGroup,
  outcomes: readonly Float64Array[],
): LinearWorth | null {
  const [factor] = group.factors
  const { size } = model.parents[factor]
  const next = model.B[factor]
  const split = mapOf(outcomes).rows
  const work = next.length * size * split.reduce((sum, { columns }) => sum + columns.length + 1, 0)
  if (next.length * outcomes.length * size > MOST_ENTRIES || work > MOST_WORK) return null
  const { rows, of } = distinct(
    next.flatMap((B) => combined(split, B, size)),
    keyOfRow,
  )
  return {
    kind: WORTH_OF_BELIEF,
    utility: utilities(model, group, model.options.useStatesInfoGain),
    ambiguity: null,
    outcomes: sharing(rows, size),
    outcomeOf: of,
  }
}

/** Columns of B that sum to one by so much do. */
const ONE = 1e-12

/**
 * Rows over the next state as rows over the present one. What is the same all along a row stays so, since the
 * columns of B sum to one; and rows of B that are the same for two actions give the same rows here, digit for digit.
 */
function combined(outcomes: readonly MapRow[], B: Float64Array, size: number): MapRow[] {
  const sums = throughB(new Float64Array(B.length / size).fill(1), B, size)
  const next = rowsOf(B, size)
  if (!sums.every((sum) => Math.abs(sum - 1) <= ONE)) {
    return outcomes.map((row) => plainRow(entriesOf(throughB(denseOf(row, next.length), B, size))))
  }
  const split = mapOf(next).rows
  return outcomes.map((outcome) => {
    const sum = new Float64Array(size)
    let kappa = outcome.background < 0 ? 0 : outcome.kappa
    outcome.columns.forEach((s, i) => {
      const weight = outcome.values[i]
      const { columns, values } = split[s]
      kappa += weight * split[s].kappa
      columns.forEach((column, k) => (sum[column] += weight * values[k]))
    })
    return { ...entriesOf(sum), background: kappa > 0 ? 0 : -1, kappa }
  })
}

/** All entries of a row whose background is a sum. */
function denseOf({ columns, values, background, kappa }: MapRow, length: number): Float64Array {
  const out = new Float64Array(length).fill(background < 0 ? 0 : kappa)
  columns.forEach((column, i) => (out[column] += values[i]))
  return out
}

/** What a function of the next state is of the present one: Σ_s′ weights[s′] B[s′][…]. */
function throughB(weights: Float64Array, B: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size)
  weights.forEach((weight, s) => {
    if (weight === 0) return
    for (let i = 0; i < size; i++) out[i] += weight * B[s * size + i]
  })
  return out
}

/** [t]: the utility of each own action as a function of the belief, with the negative ambiguity where asked. */
function utilities(
  model: CompiledModel,
  { factors, utility, ambiguity }: CompiledGroup,
  gain: boolean,
): LinearMap[] {
  const [factor] = factors
  const { size } = model.parents[factor]
  const { useUtility } = model.options
  return Array.from({ length: model.policyLen }, (_, t) => ({
    backgrounds: [],
    rows: model.B[factor].map((B) => {
      const worth = Float64Array.from(
        ambiguity,
        (value, s) => (useUtility ? utility[t * ambiguity.length + s] : 0) + (gain ? value : 0),
      )
      return plainRow(entriesOf(throughB(worth, B, size)))
    }),
  }))
}

/** Maps from the different predictions, each of which the threshold takes out or leaves in once. */
function worthOfPredictions(
  model: CompiledModel,
  group: CompiledGroup,
  { rows, predictions }: { readonly rows: readonly Float64Array[]; readonly predictions: Predictions },
): LinearWorth | null {
  const actions = model.B[group.factors[0]].length
  const split = mapOf(rows)
  if (actions * (costOf(split) + group.size) > MOST_ENTRIES) return null
  const states = group.size
  const columnsOf = (action: number) => predictions.of.slice(action * states, (action + 1) * states)
  const all = Array.from({ length: actions }, (_, a) =>
    split.rows.map((row) => throughRows(row, columnsOf(a), a)),
  )
  const outcomes = distinct(all.flat(), keyOfRow)
  return {
    kind: WORTH_OF_PREDICTIONS,
    utility: utilities(model, group, false),
    ambiguity: {
      backgrounds: [],
      rows: Array.from({ length: actions }, (_, a) =>
        plainRow(gathered(entriesOf(group.ambiguity), columnsOf(a))),
      ),
    },
    outcomes: {
      rows: outcomes.rows,
      // An action's predictions summed, once for all of its outcomes.
      backgrounds: Array.from({ length: split.backgrounds.length === 0 ? 0 : actions }, (_, a) =>
        gathered({ columns: columnsOf(a).map((_, s) => s), values: columnsOf(a).map(() => 1) }, columnsOf(a)),
      ),
    },
    outcomeOf: outcomes.of,
  }
}

/** A row over states as one over predictions; `action` is the number of its background. */
const throughRows = (row: MapRow, columns: readonly number[], action: number): MapRow => ({
  ...gathered(row, columns),
  background: row.background < 0 ? -1 : action,
  kappa: row.kappa,
})

/** Entries over states as entries over predictions: several states may share one. */
function gathered(
  { columns, values }: Pick<MapRow, 'columns' | 'values'>,
  of: readonly number[],
): Pick<MapRow, 'columns' | 'values'> {
  const sums = new Map<number, number>()
  columns.forEach((s, i) => sums.set(of[s], (sums.get(of[s]) ?? 0) + values[i]))
  const sorted = [...sums].sort(([one], [other]) => one - other)
  return { columns: sorted.map(([column]) => column), values: sorted.map(([, value]) => value) }
}
