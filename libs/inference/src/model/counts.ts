// Dirichlet counts of a model: checked, and what their matrices are by them. Used by validate.ts
import { SUM_TOLERANCE, type Tensor } from '@cohort/contracts'
import { flatten, subscriptOf, type Target } from './flatten.js'

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
    first?.faults.add(name, `has ${given.length} arrays`, {
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

function checkColumnsCount(counts: Float64Array, { path, lengths, faults }: Target): void {
  const columns = counts.length / lengths[0]
  for (let column = 0; column < columns && !faults.full; column++) {
    let sum = 0
    for (let i = column; i < counts.length; i += columns) sum += counts[i]
    if (sum > 0 && Number.isFinite(sum)) continue
    faults.add(`${path}${subscriptOf(column, lengths)}`, `sums to ${sum}`, {
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
    const expected = normalised(own, targets[i].lengths[0])
    if (given) checkAgreement(matrix, expected, targets[i])
    return expected
  })
}

function checkAgreement(
  matrix: Float64Array,
  expected: Float64Array,
  { path, lengths, faults }: Target,
): void {
  const columns = matrix.length / lengths[0]
  const apart = matrix.findIndex((entry, i) => !(Math.abs(entry - expected[i]) <= SUM_TOLERANCE))
  if (apart < 0) return
  const column = `${path}${subscriptOf(apart % columns, lengths)}`
  faults.add(column, `is not p${column} normalised`, {
    got: matrix[apart],
    expected: `${expected[apart]} ± 1e-6 at ${Math.floor(apart / columns)}`,
  })
}

/** Each column over the first axis, of `rows` entries, divided by its sum. */
function normalised(counts: Float64Array, rows: number): Float64Array {
  const out = new Float64Array(counts.length)
  const columns = counts.length / rows
  for (let column = 0; column < columns; column++) {
    let sum = 0
    for (let i = column; i < counts.length; i += columns) sum += counts[i]
    for (let i = column; i < counts.length; i += columns) out[i] = counts[i] / sum
  }
  return out
}
