// Refuses a model whose steps may take too long, and says what of it to lower. Called by check/validate.ts
import { CohortError, type Limits } from '@cohort/contracts'
import type { ModelShape } from '../layout.js'
import { stepParts, type Work, workOf } from '../work.js'

/**
 * Throws `model_too_large` where the dearest step of a model is over `stepWork`: its `errors` name the option or the
 * count that makes it so, and how much of it is allowed as all else is.
 */
export function checkWork(shape: ModelShape, { stepWork: most }: Pick<Limits, 'stepWork'>): void {
  const parts = stepParts(shape)
  const work = sumOf(parts)
  if (work <= most) return
  const { path, count, allowed } = toLower(parts, work - most)
  const expected = allowed >= 1 ? `at most ${allowed}` : 'a smaller model'
  const message = `${count} make a step of ${work.toPrecision(3)} multiplications, the limit stepWork is ${most}`
  throw new CohortError('model_too_large', `${path}: ${message}; expected ${expected}`, {
    errors: [{ path, message, got: count, expected }],
  })
}

const sumOf = (parts: readonly Work[]): number => parts.reduce((sum, part) => sum + workOf(part), 0)

interface Lower {
  readonly path: string
  readonly count: number
  readonly allowed: number
}

/** Of what the largest part is multiplied by: the first that, lowered alone, takes off enough; else the last. */
function toLower(parts: readonly Work[], excess: number): Lower {
  const largest = parts.reduce((one, other) => (workOf(other) > workOf(one) ? other : one))
  const could = largest.times.map(({ path, count }): Lower => {
    const scaled = sumOf(parts.filter(({ times }) => times.some((by) => by.path === path)))
    return { path, count, allowed: Math.floor((count * (scaled - excess)) / scaled) }
  })
  const all = { path: 'model', count: 1, allowed: 0 }
  return could.find(({ allowed }) => allowed >= 1) ?? could.at(-1) ?? all
}
