// The groups of modalities in a program: their actions, and the maps and tables by which their worth is reckoned.
import type { CompiledGroup, CompiledModel } from '../../model/compiled.js'
import * as W from '../words.js'
import { placeMap } from './linear-map.js'
import type { Tables } from './tables.js'
import type { JointWorth, LinearWorth } from './worth.js'

/** Which own actions of a group's factors occur together in policies, and which of them a joint action is. */
export interface Combinations {
  /** [combination][axis] */
  readonly actions: readonly (readonly number[])[]
  /** [joint action] */
  readonly of: readonly number[]
}

/** A group of one factor has all of its own actions, in their order: its maps have a row for each. */
export function combinationsOf(
  { factorActions, numStates, B, jointActions, numControls }: CompiledModel,
  { factors }: CompiledGroup,
): Combinations {
  const found = new Map<string, number>()
  const actions: number[][] = []
  const number = (own: number[]): number => {
    const known = found.get(own.join()) ?? actions.length
    if (known === actions.length) {
      found.set(own.join(), known)
      actions.push(own)
    }
    return known
  }
  if (factors.length === 1) B[factors[0]].forEach((_, own) => number([own]))
  const joints = jointActions.length / numControls.length
  const of = Array.from({ length: joints }, (_, joint) =>
    number(factors.map((factor) => factorActions[joint * numStates.length + factor])),
  )
  return { actions, of }
}

interface GroupParts {
  readonly tables: Tables
  readonly worths: readonly (LinearWorth | JointWorth)[]
  readonly combinations: readonly Combinations[]
}

export function placeGroups(model: CompiledModel, { tables, worths, combinations }: GroupParts): number {
  const { groups, numObs } = model
  const { at, words } = tables.later(W.GROUP_WORDS * groups.length)
  let valuesAt = 0
  let likelihoodAt = 0
  groups.forEach((group, g) => {
    const word = words.subarray(g * W.GROUP_WORDS)
    const { actions, of } = combinations[g]
    const worth = worths[g]
    word[W.GROUP_WORTH] = worth.kind
    word[W.GROUP_FACTORS] = group.factors.length
    word[W.GROUP_FACTOR_TABLE] = tables.words(group.factors)
    word[W.GROUP_SIZE] = group.size
    word[W.GROUP_MODALITIES] = group.modalities.length
    word[W.GROUP_MODALITY_TABLE] = tables.words(group.modalities)
    word[W.GROUP_COMBINATIONS] = actions.length
    word[W.GROUP_ACTIONS] = tables.words(actions.flat())
    word[W.GROUP_VALUE_OF] = tables.words(of.map((combination) => valuesAt + combination * W.LINE))
    word[W.GROUP_OUTCOMES] = isIdentity(worth) ? 0 : placeMap(tables, worth.outcomes)
    word[W.GROUP_OUTCOME_ROWS] = worth.outcomes.rows.length
    word[W.GROUP_ALL_OUTCOMES] = group.modalities.reduce((sum, m) => sum + numObs[m], 0)
    word[W.GROUP_LIKELIHOOD] = likelihoodAt
    word[W.GROUP_VALUES_AT] = valuesAt
    word[W.GROUP_MESSAGES] = tables.words(
      group.messages.flatMap(({ contractions }) => [
        contractions.length,
        ...contractions.flatMap(({ outer, states, inner, at: from }) => [
          outer,
          states,
          inner,
          from * W.LINE,
        ]),
      ]),
    )
    placeWorth(model, group, { tables, word, worth })
    valuesAt += actions.length * W.LINE
    likelihoodAt += group.size * W.LINE
  })
  return at
}

/** What is seen is the state itself: outcomes are predictions. */
const isIdentity = ({ kind, outcomes }: LinearWorth | JointWorth): boolean =>
  kind === W.WORTH_OF_PREDICTIONS &&
  outcomes.rows.every(
    ({ columns, values, background }, row) =>
      background < 0 && columns.length === 1 && columns[0] === row && values[0] === 1,
  )

/** Utility and ambiguity: maps of a group of one factor, else tables over its joint states. */
function placeWorth(
  { policyLen, options }: CompiledModel,
  { size, utility, ambiguity }: CompiledGroup,
  {
    tables,
    word,
    worth,
  }: { readonly tables: Tables; readonly word: Uint32Array; readonly worth: LinearWorth | JointWorth },
): void {
  if (worth.kind === W.WORTH_OF_JOINT) {
    const worthless = new Float64Array(size)
    const tableAt = (t: number) =>
      tables.numbers(options.useUtility ? utility.subarray(t * size, (t + 1) * size) : worthless)
    word[W.GROUP_UTILITY] = tables.words(Array.from({ length: policyLen }, (_, t) => tableAt(t)))
    word[W.GROUP_AMBIGUITY] = tables.numbers(ambiguity)
    return
  }
  word[W.GROUP_UTILITY] = tables.words(worth.utility.map((map) => placeMap(tables, map)))
  if (worth.ambiguity !== null) word[W.GROUP_AMBIGUITY] = placeMap(tables, worth.ambiguity)
  word[W.GROUP_OUTCOME_OF] = tables.words(worth.outcomeOf.map((row) => row * W.LINE))
}
