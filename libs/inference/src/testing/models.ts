// For tests: models of any shape with reproducible entries, and what fast-check draws them from.
import type { Model, ModelOptions, Tensor } from '@cohort/contracts'
import fc from 'fast-check'
import { philox } from '../math/random.js'

export interface Recipe {
  readonly numStates: readonly number[]
  readonly numObs: readonly number[]
  readonly numControls: readonly number[]
  readonly seed: number
  /** Share of entries that are exactly zero (at least one of each column is not). */
  readonly zeros?: number
  readonly options?: ModelOptions
}

/** Every modality depends on all factors, every factor on itself and the one before. */
export function madeModel({ numStates, numObs, numControls, seed, zeros = 0, options = {} }: Recipe): Model {
  const random = numbers(seed)
  const column = (entries: number) => distribution(entries, zeros, random)
  const parents = numStates.map((_, f) => (f === 0 ? [0] : [f - 1, f]))
  return {
    A: numObs.map((outcomes) =>
      nested([outcomes, ...numStates], columnsOf(outcomes, product(numStates), column)),
    ),
    B: numStates.map((states, f) => {
      const lengths = [
        states,
        ...(parents[f] ?? []).map((parent) => numStates[parent] ?? 0),
        numControls[f] ?? 0,
      ]
      return nested(lengths, columnsOf(states, product(lengths.slice(1)), column))
    }),
    B_dependencies: parents,
    C: numObs.map((outcomes) => Array.from({ length: outcomes }, () => 4 * random() - 2)),
    D: numStates.map(column),
    options,
  }
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
