// Dirichlet counts of a model: checked, and what their matrices are by them. Used by validate.ts
import { counted, type Model, rounded, SUM_TOLERANCE, type Tensor } from '@cohort/contracts'
import { normaliseColumns } from '../../math/columns.js'
import type { Faults } from './faults.js'
import { entryOf, flatten, subscriptOf, type Target } from './flatten.js'

type Counts = Float64Array | null

/** One entry a target, in the shape of its matrix; null where there are none. Each column holds a count above 0. */
export function countsOf(
  name: 'pA' | 'pB' | 'pD' | 'pE',
  given: readonly (Tensor | null)[] | undefined,
  targets: readonly Target[],
): Counts[] {
  if (given === undefined) return targets.map(() => null)
  const [first] = targets
  if (given.length !== targets.length)
    first?.faults.add(name, `has ${counted(given.length, 'array')}`, {
      got: given.length,
      expected: `${targets.length}, null for those without counts`,
    })
  return targets.map((target, i) => {
    const tensor = given[i] ?? null
    if (tensor === null) return null
    const own = { ...target, path: `p${target.path}` }
    const before = own.faults.list.length
    const counts = flatten(tensor, own, true)
    if (own.faults.list.length === before) checkColumnsCount(counts, own)
    return counts
  })
}

/** What reads counts. */
interface Reading {
  readonly learning: Readonly<Partial<Record<'A' | 'B' | 'D' | 'E', unknown>>>
  readonly useParamInfoGain: boolean
}

/** Counts alone do not make an agent learn: whoever gives them means it to, or has forgotten to say so. */
export function checkUnread(model: Model, { learning, useParamInfoGain }: Reading, faults: Faults): void {
  const { learning: asked } = model.options ?? {}
  if (asked !== undefined && Object.keys(asked).length === 0)
    faults.add('options.learning', 'names nothing to learn', {
      got: asked,
      expected: 'A, B, D or E, each {} at least, or it left out',
    })
  for (const name of ['A', 'B', 'D', 'E'] as const) {
    const counts = model[`p${name}`]
    const gained = useParamInfoGain && (name === 'A' || name === 'B')
    if (learning[name] !== undefined || gained || !(name === 'E' ? counts !== undefined : hasSome(counts)))
      continue
    const gain = name === 'A' || name === 'B' ? ', useParamInfoGain: true to seek what they leave open' : ''
    faults.add(`p${name}`, 'is given, but nothing learns it or reads it', {
      got: undefined,
      expected: `options.learning.${name}: {} to learn ${name}${gain}, or it left out`,
    })
  }
}

export const hasSome = (counts: readonly unknown[] | undefined): boolean =>
  counts?.some((own) => own !== null) === true

function checkColumnsCount(counts: Float64Array, { path, lengths, faults }: Target): void {
  const columns = counts.length / lengths[0]
  for (let column = 0; column < columns && !faults.full; column++) {
    let sum = 0
    for (let i = column; i < counts.length; i += columns) sum += counts[i]
    if (sum > 0 && Number.isFinite(sum)) continue
    faults.add(`${path}${subscriptOf(column, lengths)}`, `sums to ${rounded(sum)}`, {
      got: sum,
      expected: 'more than 0',
    })
  }
}

/** What is held against the counts: the matrices of the model, and whether it gave them itself. */
interface Held {
  readonly path: string
  readonly given: boolean
  readonly targets: readonly Target[]
}

/**
 * Each matrix, or where it has counts, those normalised: pymdp starts from them too. A matrix that was given
 * beside counts must agree with them: neither is ignored without a word.
 */
export function withCounts(
  matrices: readonly Float64Array[],
  counts: readonly Counts[],
  { given, targets }: Held,
): Float64Array[] {
  return matrices.map((matrix, i) => {
    const own = counts[i] ?? null
    if (own === null || own.length !== matrix.length) return matrix
    const expected = new Float64Array(own.length)
    normaliseColumns(own, targets[i].lengths[0], expected)
    const { faults, path } = targets[i]
    if (given && !faults.within(path) && !faults.within(`p${path}`))
      checkAgreement(matrix, expected, targets[i])
    return expected
  })
}

function checkAgreement(
  matrix: Float64Array,
  expected: Float64Array,
  { path, lengths, faults }: Target,
): void {
  const apart = matrix.findIndex((entry, i) => !(Math.abs(entry - expected[i]) <= SUM_TOLERANCE))
  if (apart < 0) return
  const counts = `p${path} normalised; give ${path} as its counts normalised`
  faults.add(`${path}${entryOf(apart, lengths)}`, `is ${rounded(matrix[apart])}`, {
    got: matrix[apart],
    expected: `${rounded(expected[apart])} ± 1e-6, which is ${counts}`,
  })
}
