// Holds what is apart between two implementations against what is said of it: no more, and no less.
import assert from 'node:assert/strict'
import type { Compared } from './runs.js'
import { worstOf } from './runs.js'
import type { Errors } from './plain/check-run.js'

/** Rounding: of probabilities and counts, and of sums of many logarithms. */
const ROUNDING = 1e-12
/** Between a run and its plain formula. */
const EXPLAINED = 1e-9

/**
 * `said`: by quantity, how far the two are apart at most, rounded up to two digits; what is not in it agrees. A
 * figure that has become too large is a fault of the table, not only one that has become too small.
 */
export function assertApart(compared: readonly Compared[], said: Errors): void {
  const { ...worst } = worstOf(compared.map(({ differences }) => differences))
  for (const [name, error] of Object.entries(worst)) {
    const most = said[name]
    if (most === undefined) assert.ok(error <= ROUNDING, `${name} is apart by ${error}, and should agree`)
    else assert.ok(error <= most && error > 0.85 * most, `${name} is apart by ${error}, said to be ${most}`)
  }
  for (const name of Object.keys(said)) assert.ok(name in worst, `${name} was compared`)
}

/** Both sides are what their formulae say, so that the ways in which these differ are all that there is. */
export function assertExplained(run: string, { ours, theirs }: Pick<Compared, 'ours' | 'theirs'>): void {
  for (const [side, errors] of Object.entries({ ours, theirs })) {
    assert.ok(Object.keys(errors).length > 6, `${run}: ${side} was looked at`)
    for (const [name, error] of Object.entries(errors))
      assert.ok(error <= EXPLAINED, `${run}: ${side}: ${name} is ${error} from its formula`)
  }
}
