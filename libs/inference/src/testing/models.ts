// For tests: models of any shape with reproducible entries, and what fast-check draws them from.
import type { Learning, Model, ModelOptions, Tensor } from '@cohort/contracts'
import fc from 'fast-check'
import { philox } from '../math/random.js'
import { decodeAction } from '../model/policies.js'

export interface Recipe {
  readonly numStates: readonly number[]
  readonly numObs: readonly number[]
  readonly numControls: readonly number[]
  readonly seed: number
  /** Share of entries that are exactly zero (at least one of each column is not). */
  readonly zeros?: number
  readonly options?: ModelOptions
  /** Dirichlet counts of what the options learn or read; where they do not say, everything is learned. */
  readonly counts?: boolean
  /** The first factor is driven by no control, the others by their own and the first one. */
  readonly coupled?: boolean
  /** Some of the policies, in no order. */
  readonly listed?: boolean
  /** The first factor's last state is a goal. */
  readonly goal?: boolean
}

/** Every modality depends on all factors, every factor on itself and the one before. */
export function madeModel(recipe: Recipe): Model {
  const { numStates, numObs, numControls, seed, zeros = 0, options = {} } = learningAll(recipe)
  const random = numbers(seed)
  const column = (entries: number) => distribution(entries, zeros, random)
  const parents = numStates.map((_, f) => (f === 0 ? [0] : [f - 1, f]))
  const controls = numStates.map((_, f) =>
    recipe.coupled && numStates.length > 1 ? (f === 0 ? [] : [f, 0]) : [f],
  )
  const plain = {
    A: numObs.map((outcomes) =>
      nested([outcomes, ...numStates], columnsOf(outcomes, product(numStates), column)),
    ),
    B: numStates.map((states, f) => {
      const lengths = [
        states,
        ...(parents[f] ?? []).map((parent) => numStates[parent] ?? 0),
        ...(controls[f] ?? []).map((control) => numControls[control] ?? 0),
      ]
      return nested(lengths, columnsOf(states, product(lengths.slice(1)), column))
    }),
    B_dependencies: parents,
    C: numObs.map((outcomes) => Array.from({ length: outcomes }, () => 4 * random() - 2)),
    D: numStates.map(column),
    options,
  }
  const policies = recipe.listed ? someOf(sequences(recipe), random) : sequences(recipe)
  return onlyRead({
    ...plain,
    ...(recipe.coupled && { B_action_dependencies: controls }),
    ...(recipe.goal && { H: numStates.map((states, f) => (f === 0 ? goalOf(states) : null)) }),
    ...(recipe.listed && { policies }),
    ...(recipe.counts && { ...countsOf(plain, 1 + 9 * random()), pE: policies.map(() => 0.5 + random()) }),
  })
}

/** The model without the counts that its options do not read: those would be refused. */
export function onlyRead(model: Model): Model {
  const { pA, pB, pD, pE, options = {}, ...plain } = model
  const { learning, useParamInfoGain } = options
  return {
    ...plain,
    ...(pA && (learning?.A ?? useParamInfoGain) && { pA }),
    ...(pB && (learning?.B ?? useParamInfoGain) && { pB }),
    ...(pD && learning?.D && { pD }),
    ...(pE && learning?.E && { pE }),
    options,
  }
}

const ALL: Learning = { A: {}, B: {}, D: {}, E: {} }

const learningAll = (recipe: Recipe): Recipe =>
  recipe.counts && !recipe.options?.learning && !recipe.options?.useParamInfoGain
    ? { ...recipe, options: { ...recipe.options, learning: ALL } }
    : recipe

/** Counts in the shape of what they are counts of, `weight` in each column. */
const countsOf = ({ A, B, D }: Pick<Required<Model>, 'A' | 'B' | 'D'>, weight: number) => ({
  pA: A.map((matrix) => scaled(matrix, weight)),
  pB: B.map((matrix) => scaled(matrix, weight)),
  pD: D.map((belief) => belief.map((p) => weight * p)),
})

const scaled = (tensor: Tensor, by: number): Tensor =>
  tensor.map((entry) => (typeof entry === 'number' ? by * entry : scaled(entry, by)))

const goalOf = (states: number): number[] =>
  Array.from({ length: states }, (_, s) => (s === states - 1 ? 1 : 0))

/** Every policy: [policy][t][control]. */
function sequences({ numControls, options = {} }: Recipe): number[][][] {
  const digits = Array.from({ length: options.policyLen ?? 1 }, () => numControls).flat()
  return Array.from({ length: product(digits) }, (_, policy) => {
    const action = decodeAction(digits, policy)
    return Array.from({ length: digits.length / numControls.length }, (_t, t) =>
      action.slice(t * numControls.length, (t + 1) * numControls.length),
    )
  })
}

/** About half of them, at least one, in another order. */
function someOf<T>(all: readonly T[], random: () => number): T[] {
  const drawn = all.map((one) => ({ one, at: random() })).sort((a, b) => a.at - b.at)
  return drawn.slice(0, Math.ceil(all.length / 2)).map(({ one }) => one)
}

const size = (max: number) => fc.integer({ min: 1, max })

/** Recipes of up to three factors and modalities, factors of one level among them. */
export const recipes: fc.Arbitrary<Recipe> = fc
  .record({ factors: size(3), modalities: size(3) })
  .chain(({ factors, modalities }) =>
    fc.record({
      numStates: fc.array(size(4), { minLength: factors, maxLength: factors }),
      numControls: fc.array(size(3), { minLength: factors, maxLength: factors }),
      numObs: fc.array(size(4), { minLength: modalities, maxLength: modalities }),
      seed: fc.nat(),
      zeros: fc.constantFrom(0, 0.5),
      options: fc.record({
        policyLen: size(2),
        actionSelection: fc.constantFrom('deterministic', 'stochastic'),
        samplingMode: fc.constantFrom('marginal', 'full'),
        gamma: fc.constantFrom(0, 1, 16),
      }),
    }),
  )

const LEARNING: readonly (Learning | undefined)[] = [
  undefined,
  { A: { rate: 0.5 }, when: 'beforePlanning' },
  { A: { forgetting: 0.1 }, B: {}, D: {} },
  { B: { rate: 2 }, D: { only: [0] }, E: { rate: 0.5 } },
]

/** Recipes of every kind that there is: of inference, planning, learning, counts, policies and controls. */
export const allKinds: fc.Arbitrary<Recipe> = fc
  .record({
    recipe: recipes,
    kind: fc.constantFrom('plain', 'sequential', 'exact', 'sophisticated', 'messagePassing'),
    counts: fc.boolean(),
    coupled: fc.boolean(),
    listed: fc.boolean(),
    goal: fc.boolean(),
    inTurn: fc.boolean(),
    learning: fc.constantFrom(...LEARNING),
  })
  .map(({ recipe, kind, inTurn, learning, ...also }) => ({
    ...recipe,
    ...also,
    goal: also.goal && kind !== 'sophisticated',
    options: {
      ...recipe.options,
      ...optionsOf(recipe, kind, inTurn),
      ...(also.counts && learning && { learning: learnable(learning, kind) }),
      ...(also.counts && kind !== 'sophisticated' && { useParamInfoGain: true }),
    },
  }))

function optionsOf({ numStates, options }: Recipe, kind: string, inTurn: boolean): ModelOptions {
  switch (kind) {
    case 'sequential':
      return { sweeps: 'sequential', planEvery: options?.policyLen ?? 1 }
    case 'exact':
      return {
        inference: numStates.length === 1 ? 'exact' : 'fixedPoint',
        planEvery: options?.policyLen ?? 1,
      }
    case 'sophisticated':
      return {
        planning: 'sophisticated',
        horizon: 2,
        outcomePruneThreshold: 0.2,
        sweeps: inTurn ? 'sequential' : 'simultaneous',
        policyLen: 1,
      }
    case 'messagePassing':
      return {
        inference: 'messagePassing',
        window: 2,
        gradientDescent: inTurn,
        gamma: 1,
        updateGamma: options?.policyLen === 2,
      }
    default:
      return {}
  }
}

/** What message passing believes is known once it has planned. */
const learnable = ({ when, ...named }: Learning, kind: string): Learning =>
  when === undefined || kind === 'messagePassing' ? named : { ...named, when }

/** An endless row of numbers in [0, 1). */
export function numbers(seed: number): () => number {
  const words = new Uint32Array(4)
  let draw = 0
  return () => {
    philox(seed >>> 0, 0, draw++, 0, 0, 0, words)
    return words[0] / 2 ** 32
  }
}

function distribution(entries: number, zeros: number, random: () => number): number[] {
  const kept = Math.floor(random() * entries)
  const weights = Array.from({ length: entries }, (_, i) =>
    i !== kept && random() < zeros ? 0 : 0.05 + random(),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** Row-major entries of `count` columns side by side. */
function columnsOf(rows: number, count: number, column: (rows: number) => number[]): number[] {
  const columns = Array.from({ length: count }, () => column(rows))
  return Array.from({ length: rows * count }, (_, i) => columns[i % count][Math.floor(i / count)])
}

function nested(lengths: readonly number[], entries: readonly number[]): Tensor {
  if (lengths.length <= 1) return [...entries]
  const step = entries.length / lengths[0]
  return Array.from({ length: lengths[0] }, (_, i) =>
    nested(lengths.slice(1), entries.slice(i * step, (i + 1) * step)),
  )
}

const product = (lengths: readonly number[]): number => lengths.reduce((all, length) => all * length, 1)
